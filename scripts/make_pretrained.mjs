#!/usr/bin/env node
// Writes pretrained/emoji: small networks that tell the subcategories of emoji apart, for `train --from emoji`. The drawings are
// fetched by `npm run setup -- emoji`.
//
//   npm run pretrained                    trains them; MobileNetV1 takes about 20 minutes of one core
//   npm run pretrained -- --keep          takes finished runs below runs/pretrained instead of training again
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeImages } from './emoji_images.mjs';
import { root } from './freshness.mjs';

const DRAWINGS = path.join(root, '.bench/emoji/twitter');
const IMAGES = path.join(root, '.bench/emoji/images');
const RUNS = path.join(root, 'runs/pretrained');
const TARGET = path.join(root, 'pretrained/emoji');
const PROGRAM = path.join(root, 'dist/cjs/cli/main.js');

const RECIPE = ['--batch', '32', '--label-smoothing', '0.1', '--seed', '1', '--no-plots', '--overwrite'];
const STRONG = ['--augment', 'flip,zoom=0.25,shift=0.1,rotate=15,contrast=0.3,brightness=0.2,erase=0.2'];
const WEAK = ['--augment', 'flip,zoom=0.15,shift=0.1,rotate=10,contrast=0.2,brightness=0.1'];
/** Options of the runs that make each network; all but the first start from the one before. */
const NETWORKS = {
  mobileNetV1: [
    [
      ...['--model', 'mobileNetV1', '--alpha', '0.25', '--deformable', '0', '--downsampling', '4', '--size', '64'],
      ...['--epochs', '14', '--learning-rate', '0.005', ...STRONG],
    ],
    ['--epochs', '16', '--learning-rate', '0.003', ...WEAK],
  ],
};

const { values } = parseArgs({ options: { keep: { type: 'boolean' } } });
if (!fs.existsSync(DRAWINGS)) throw new Error('the drawings must be there: npm run setup -- emoji');

const require = createRequire(path.join(root, 'package.json'));
const tf = require('@tensorflow/tfjs');
const { loadModel, saveModel } = require(path.join(root, 'dist/cjs/training/index.js'));

await tf.setBackend('cpu');
if (!values.keep || !fs.existsSync(IMAGES)) await writeImages(DRAWINGS, 'twitter', IMAGES);
for (const [name, runs] of Object.entries(NETWORKS)) {
  let run;
  for (const [index, options] of runs.entries()) {
    const from = run === undefined ? [] : ['--from', run];
    run = path.join(RUNS, `${name}-${index + 1}`);
    if (values.keep && fs.existsSync(path.join(run, 'model/model.json'))) continue;
    const words = ['train', '--data', IMAGES, ...from, ...RECIPE, ...options, '--out', run];
    execFileSync(process.execPath, [PROGRAM, ...words], { stdio: 'inherit' });
  }
  const model = await loadModel(path.join(run, 'model'));
  const { classNames, preprocessing } = model.getUserDefinedMetadata();
  model.setUserDefinedMetadata({ classNames, preprocessing });
  await saveModel(model, path.join(TARGET, name), { weights: 'float16' });
  const { testAccuracy } = JSON.parse(fs.readFileSync(path.join(run, 'history.json'), 'utf8')).at(-1);
  const bytes = fs.statSync(path.join(TARGET, name, 'weights.bin')).size;
  console.log(
    `${name}: ${(100 * testAccuracy).toFixed(1)} % of the test drawings, ${Math.ceil(bytes / 1024)} KiB of weights`,
  );
}
