#!/usr/bin/env node
// Writes pretrained/emoji: small networks that tell the subcategories of emoji apart, for `train --from`. The drawings are
// fetched by `npm run setup -- emoji`.
//
//   npm run pretrained                    trains them, in about an hour of two cores
//   npm run pretrained -- --keep          takes finished runs below runs/pretrained instead of training again
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeImages } from './emoji_images.mjs';
import { root } from './freshness.mjs';

const DRAWINGS = path.join(root, '.bench/emoji');
const IMAGES = path.join(root, '.bench/emoji/images');
const RUNS = path.join(root, 'runs/pretrained');
const TARGET = path.join(root, 'pretrained/emoji');
const PROGRAM = path.join(root, 'dist/cjs/cli/main.js');

const RECIPE = ['--batch', '32', '--label-smoothing', '0.1', '--seed', '1', '--no-plots', '--overwrite'];
const STRONG = ['--augment', 'flip,zoom=0.25,shift=0.1,rotate=15,contrast=0.3,brightness=0.2,erase=0.2'];
const WEAK = ['--augment', 'flip,zoom=0.15,shift=0.1,rotate=10,contrast=0.2,brightness=0.1'];
const SHAPE = ['--deformable', '0', '--downsampling', '4', '--size', '64'];
/** Drawings that are trained on beside Twemoji's; the first set names emoji as Unicode does, with their code points. */
const SETS = ['fluent-emoji-flat', 'fluent-emoji', 'emojione', 'streamline-emojis'];
/** Options of the runs that make each network; each but the first of a plain one starts from the one before. */
const NETWORKS = {
  mobileNetV1: [
    ['--model', 'mobileNetV1', '--alpha', '0.25', ...SHAPE, '--epochs', '9', '--learning-rate', '0.005', ...STRONG],
    ['--epochs', '6', '--learning-rate', '0.003', ...WEAK],
    ['--epochs', '20', '--learning-rate', '0.004', ...WEAK],
  ],
  mobileNetV2: [
    ['--model', 'mobileNetV2', '--alpha', '0.35', ...SHAPE, '--epochs', '14', '--learning-rate', '0.002', ...WEAK],
    ['--epochs', '16', '--learning-rate', '0.002', ...WEAK],
  ],
};
/** The same networks with so many deformable layers at the end, which start from the plain ones. */
const DEFORMABLE = { layers: '2', options: ['--epochs', '4', '--learning-rate', '0.001', ...WEAK] };

const { values } = parseArgs({ options: { keep: { type: 'boolean' } } });
if (![...SETS, 'twitter'].every((name) => fs.existsSync(path.join(DRAWINGS, name)))) {
  throw new Error('the drawings must be there: npm run setup -- emoji');
}

const require = createRequire(path.join(root, 'package.json'));
const tf = require('@tensorflow/tfjs');
const { loadModel, saveModel } = require(path.join(root, 'dist/cjs/training/index.js'));

await tf.setBackend('cpu');
if (!values.keep || !fs.existsSync(IMAGES)) await writeImages(DRAWINGS, 'twitter', SETS, IMAGES);
for (const [name, [first, ...further]] of Object.entries(NETWORKS)) {
  let run = train(`${name}-1`, first);
  for (const [index, options] of further.entries()) run = train(`${name}-${index + 2}`, ['--from', run, ...options]);
  await store(name, run);
  const { layers, options } = DEFORMABLE;
  const deformable = `${name}-deformable`;
  await store(deformable, train(deformable, ['--from', run, '--deformable', layers, ...options]));
}

/** Trains, unless a finished run of this name is to be kept. */
function train(name, options) {
  const run = path.join(RUNS, name);
  if (values.keep && fs.existsSync(path.join(run, 'model/model.json'))) return run;
  const words = ['train', '--data', IMAGES, ...RECIPE, ...options, '--out', run];
  execFileSync(process.execPath, [PROGRAM, ...words], { stdio: 'inherit' });
  return run;
}

async function store(name, run) {
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
