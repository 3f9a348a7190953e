/** The command `analyze`: tables and plots. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { findModelName, MODEL_NAMES } from '../../src/cli/model_names.js';
import { saveModel } from '../../src/training/model_files.js';
import { writeImageFolder } from '../training/support/image_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, snapshot, succeed } from './support.js';

const inFolder = temporaryFolder();
const words = (line: string): string[] => line.split(' ');

beforeAll(() => tf.setBackend('cpu'));

test('findModelName() accepts names of networks, also with underscores', () => {
  expect(MODEL_NAMES.map(findModelName)).toEqual(MODEL_NAMES);
  const others = ['mobilenet_v1_shallow', 'mobilenet_v3_large', 'squeezenet', 'shufflenet_v2', 'resnext50'];
  expect(others.map(findModelName)).toEqual([
    'mobileNetV1-shallow',
    'mobileNetV3Large',
    'squeezeNet',
    'shuffleNetV2',
    'resNeXt50',
  ]);
  expect(['mobilenetv2', 'MOBILENET_V2', 'mobilenet'].map(findModelName)).toEqual([undefined, undefined, undefined]);
});

test('analyze prints cost and receptive fields of a named model, and writes plots into a new folder', async () => {
  const line = 'analyze mobilenet_v2 --alpha 0.35 --size 32 --deformable 2';
  const { stdout } = await succeed(words(line), inFolder());
  expect(stdout).toMatch(/^total .*for 32×32×3 +[\d,]+ +[\d,]+ +[\d,]+$/m);
  expect(stdout).toMatch(/^block_16_depthwise +DeformableConv2D +491 +32 +\d+ +where the input says$/m);
  expect(stdout).toMatch(/^layer +position +theoretical +95 % within/m);
  expect(stdout).toContain('written to analysis/mobilenet_v2-1:\n');
  const names = ['cost.svg', 'effective_receptive_field.svg', 'receptive_field.svg', 'sampling.svg'];
  expect(Object.keys(snapshot(inFolder('analysis/mobilenet_v2-1')))).toEqual(names);
  for (const name of names) {
    expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\w`, 'm'));
    expect(fs.readFileSync(inFolder('analysis/mobilenet_v2-1', name), 'utf8')).toMatch(/^<svg .*<\/svg>$/s);
  }
  const sampling = fs.readFileSync(inFolder('analysis/mobilenet_v2-1/sampling.svg'), 'utf8');
  expect(sampling).toContain('the 81 samples that one output position of the layer reads, through block_15_depthwise');
  // The noise and the weights are the same every time.
  await succeed(words(line), inFolder());
  expect(snapshot(inFolder('analysis/mobilenet_v2-2'))).toEqual(snapshot(inFolder('analysis/mobilenet_v2-1')));
});

test('analyze runs a saved model of any input size on an image, and replaces only its own plots', async () => {
  const model = tf.sequential({
    layers: [
      conv.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', name: 'first', inputShape: [null, null, 1] }),
    ],
  });
  await saveModel(model, inFolder('open'));
  await writeImageFolder(inFolder('colours'), { red: [200, 30, 10] }, 1);
  const image = path.join('colours', 'red', fs.readdirSync(inFolder('colours', 'red'))[0]!);
  fs.mkdirSync(inFolder('pictures'));
  fs.writeFileSync(inFolder('pictures/notes.txt'), 'mine');
  fs.writeFileSync(inFolder('pictures/cost.svg'), 'old');
  const options = ['--size', '12', '--image', image, '--out', 'pictures'];
  const { stdout } = await succeed(['analyze', 'open', ...options], inFolder());
  expect(stdout).toMatch(/^first +Conv2D +12×12×2/m);
  const files = Object.keys(snapshot(inFolder('pictures')));
  expect(files).toEqual(['cost.svg', 'effective_receptive_field.svg', 'notes.txt', 'receptive_field.svg']);
  expect(fs.readFileSync(inFolder('pictures/cost.svg'), 'utf8')).toMatch(/^<svg/);
  const json = await succeed(['analyze', 'open', '--json', '--out', 'more'], inFolder());
  expect(JSON.parse(json.stdout)).toMatchObject({ cost: { inputShapes: [[224, 224, 1]] } });
  expect(Object.keys(snapshot(inFolder('more'))).length).toBe(3);
});

test('analyze reports the cost of a model that takes no images', async () => {
  await saveModel(tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [5] })] }), inFolder('dense'));
  const { stdout } = await succeed(['analyze', 'dense'], inFolder());
  expect(stdout).toMatch(/^total +for 5 +12 +10$/m);
  expect(stdout).toContain('written to analysis/dense-1:\n  cost.svg');
  const message = "option '--image' is only for models with a single image input, received model = 'dense'";
  await expectFailure(['analyze', 'dense', '--image', 'x.png'], inFolder(), 2, message);
  await expectFailure(
    ['analyze', 'dense', '--size', '32'],
    inFolder(),
    2,
    "option '--size' is only for named models and models of any size, received model = 'dense'",
  );
});

test('analyze refuses an image that does not exist', async () => {
  const line = 'analyze mobilenet_v1 --alpha 0.25 --size 32 --image none.png';
  await expectFailure(words(line), inFolder(), 1, "received file = 'none.png'");
});
