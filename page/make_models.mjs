// Writes page/public/models: the two networks that the See part of the page compares, and test digits to show
// them. Both come from the main job, `tfjs-convolutions train` on the built-in digits, with the same seed; the one differs
// from the other in its last three layers, which are deformable. Three, because that is how many the sampling pictures of
// Dai et al. (2017), Figure 6, go through. And with one place of stride 2 instead of two: their maps then have 14×14 positions,
// each of which sees part of the digit and not all of it.
//
//   npm run -w page models              takes about eight minutes on two idle cores
//   npm run -w page models -- --keep    takes the networks of finished runs below runs/page-models instead of training again
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import sharp from 'sharp';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const TARGET = path.join(ROOT, 'page/public/models');
const RUNS = path.join(ROOT, 'runs/page-models');

const OPTIONS = ['--seed', '1', '--epochs', '3', '--learning-rate', '0.01', '--downsampling', '1'];
const isKept = process.argv.includes('--keep');
const NETWORKS = { deformable: ['--deformable', '3'], plain: ['--deformable', '0'] };

const require = createRequire(path.join(ROOT, 'package.json'));
const tf = require('@tensorflow/tfjs');
const { loadMnist, loadModel } = require(path.join(ROOT, 'dist/cjs/training/index.js'));

function train(name, options) {
  const folder = path.join(RUNS, name);
  const words = ['train', ...OPTIONS, ...options];
  const program = path.join(ROOT, 'dist/cjs/cli/main.js');
  if (!isKept || !fs.existsSync(path.join(folder, 'model/model.json'))) {
    execFileSync(process.execPath, [program, ...words, '--no-plots', '--overwrite', '--out', folder], {
      stdio: 'inherit',
    });
  }
  const [header, ...rows] = fs.readFileSync(path.join(folder, 'history.csv'), 'utf8').trim().split('\n');
  const accuracy = Number(rows.at(-1).split(',')[header.split(',').indexOf('test_accuracy')]);
  const target = path.join(TARGET, name);
  fs.mkdirSync(target, { recursive: true });
  for (const file of ['model.json', 'weights.bin']) {
    fs.copyFileSync(path.join(folder, 'model', file), path.join(target, file));
  }
  return { command: `tfjs-convolutions ${words.join(' ')}`, testAccuracy: accuracy };
}

/** The first test digit of every class that both networks read right, white on black as they know them. */
async function writeDigits() {
  const { test } = await loadMnist();
  const { height, width, classNames, labels, images } = test;
  await tf.setBackend('wasm');
  const x = tf.tensor4d(
    Float32Array.from(images, (value) => value / 127.5 - 1),
    [labels.length, height, width, 1],
  );
  const guesses = [];
  for (const name of Object.keys(NETWORKS)) {
    const model = await loadModel(path.join(TARGET, name));
    guesses.push(await model.predict(x, { batchSize: 100 }).argMax(-1).data());
  }
  const folder = path.join(TARGET, 'digits');
  fs.mkdirSync(folder, { recursive: true });
  for (const [label, name] of classNames.entries()) {
    const index = labels.findIndex((truth, i) => truth === label && guesses.every((guess) => guess[i] === label));
    const pixels = images.subarray(index * height * width, (index + 1) * height * width);
    const image = sharp(pixels, { raw: { width, height, channels: 1 } });
    await image.png({ compressionLevel: 9 }).toFile(path.join(folder, `${name}.png`));
  }
  return { testImages: labels.length, digits: classNames };
}

const networks = Object.fromEntries(Object.entries(NETWORKS).map(([name, options]) => [name, train(name, options)]));
const { testImages, digits } = await writeDigits();
const text = await prettier.format(JSON.stringify({ testImages, networks, digits }), { parser: 'json' });
fs.writeFileSync(path.join(TARGET, 'index.json'), text);
process.stdout.write(text);
