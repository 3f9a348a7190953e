#!/usr/bin/env node
// Trains classifiers on 20 images of each of 5 classes, from a network of pretrained/ and from scratch, for as many epochs, and
// prints a table of their accuracies on other images. The drawings are Google's, fetched by `npm run setup -- emoji`.
//
//   npm run few-shot [-- --fashion FOLDER] [--from emoji] [--seeds 3]
//   FOLDER: IDX files of Fashion-MNIST (on Debian: apt install dataset-fashion-mnist)
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { drawings, generator } from './emoji_images.mjs';
import { root } from './freshness.mjs';

const PROGRAM = path.join(root, 'dist/cjs/cli/main.js');
const DRAWN = ['animal-mammal', 'clothing', 'food-prepared', 'sky & weather', 'transport-ground'];
const TRAINED = 20;
const TESTED = 40;
const CLASSES = 5;

const { values } = parseArgs({
  options: {
    fashion: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
    from: { type: 'string', default: 'emoji' },
    seeds: { type: 'string', default: '3' },
  },
});
const SHARED = [
  ...['--augment', 'flip,zoom=0.2,shift=0.1,rotate=10', '--batch', '20', '--epochs', '30', '--no-plots', '--overwrite'],
];
const SCRATCH = [
  '--model',
  'mobileNetV1',
  '--alpha',
  '0.25',
  '--deformable',
  '0',
  '--size',
  '64',
  '--downsampling',
  '4',
];
const FROM = ['--from', values.from, '--learning-rate', '0.02'];
const SIDES = {
  [`--from ${values.from} --freeze all`]: [...FROM, '--freeze', 'all'],
  [`--from ${values.from} --unfreeze-after 10`]: [...FROM, '--unfreeze-after', '10', '--unfreeze-rate', '0.001'],
  'from scratch': [...SCRATCH, '--learning-rate', '0.005'],
};

/** Takes images of each class for training and others for tests, in an order that depends on the seed. */
async function split(classes, seed, folder) {
  const random = generator(seed);
  for (const [name, images] of Object.entries(classes)) {
    const order = images.map((image) => ({ image, key: random() })).sort((a, b) => a.key - b.key);
    for (const [index, { image }] of order.slice(0, TRAINED + TESTED).entries()) {
      const to = path.join(folder, index < TRAINED ? 'train' : 'test', name.replaceAll(' ', '_'));
      fs.mkdirSync(to, { recursive: true });
      await image
        .clone()
        .png()
        .toFile(path.join(to, `${index}.png`));
    }
  }
}

function google() {
  const all = drawings(path.join(root, '.bench/emoji/google'), 'google');
  return Object.fromEntries(DRAWN.map((name) => [name, all.get(name).map((file) => sharp(file))]));
}

/** The first images of five classes of Fashion-MNIST. */
async function fashion(first) {
  const require = createRequire(path.join(root, 'package.json'));
  const { loadIdx } = require(path.join(root, 'dist/cjs/training/index.js'));
  const { height, width, images, labels } = (await loadIdx(values.fashion)).train;
  const classes = {};
  for (const [index, label] of labels.entries()) {
    if (label < first || label >= first + CLASSES) continue;
    const of = (classes[`class ${label}`] ??= []);
    const pixels = images.subarray(index * height * width, (index + 1) * height * width);
    if (of.length < 10 * (TRAINED + TESTED)) of.push(sharp(pixels, { raw: { height, width, channels: 1 } }));
  }
  return classes;
}

const tasks = { "Google's drawings": google() };
if (fs.existsSync(values.fashion)) {
  tasks['Fashion-MNIST, classes 0–4'] = await fashion(0);
  tasks['Fashion-MNIST, classes 5–9'] = await fashion(CLASSES);
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'few-shot-'));
try {
  for (const [task, classes] of Object.entries(tasks)) {
    for (const [side, options] of Object.entries(SIDES)) {
      const [accuracies, seconds] = [[], []];
      for (let seed = 1; seed <= Number(values.seeds); seed++) {
        const data = path.join(folder, 'data');
        fs.rmSync(data, { recursive: true, force: true });
        await split(classes, seed, data);
        const out = path.join(folder, 'run');
        const words = ['train', '--data', data, '--seed', `${seed}`, '--out', out, ...SHARED, ...options];
        const started = Date.now();
        execFileSync(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
        seconds.push((Date.now() - started) / 1000);
        accuracies.push(100 * JSON.parse(fs.readFileSync(path.join(out, 'history.json'), 'utf8')).at(-1).testAccuracy);
      }
      const mean = accuracies.reduce((sum, each) => sum + each, 0) / accuracies.length;
      const each = accuracies.map((value) => value.toFixed(1)).join(', ');
      console.log(`| ${task} | ${side} | ${mean.toFixed(1)} % (${each}) | ${Math.round(Math.max(...seconds))} s |`);
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
