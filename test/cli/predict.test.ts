/** The command `predict`: classes of images, by saved models and ONNX files. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { saveKeras, saveOnnx } from '../../src/interop/index.js';
import { prepareImage } from '../../src/training/decode_image.js';
import { saveModel } from '../../src/training/model_files.js';
import { preprocessingOf } from '../../src/training/preprocessing.js';
import { randomizeWeights } from '../interop/support/onnx_runtimes.js';
import { writeImage } from '../training/support/image_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, runCli } from './support.js';

const NAMES = ['red', 'green, blue', 'other'];
/** In the order in which they are to be listed. */
const FILES = ['a.png', 'b/c.jpg', 'b/d/e.webp', 'f.png', 'g.png'];

const inFolder = temporaryFolder();
let model: tf.LayersModel;
let scores: number[][];

beforeAll(async () => {
  await tf.setBackend('cpu');
  const [input, output] = [{ filters: 4, kernelSize: 3, strides: 2, inputShape: [8, 6, 3] }, { units: 3 }];
  model = tf.sequential({
    layers: [conv.layers.conv2d(input), tf.layers.flatten(), tf.layers.dense({ ...output, activation: 'softmax' })],
  });
  randomizeWeights(model);
  const preprocessing = preprocessingOf(model);
  model.setUserDefinedMetadata({ classNames: NAMES, preprocessing });
  await saveModel(model, inFolder('model'));
  const metadata = { classNames: NAMES, preprocessing };
  await saveOnnx(model, inFolder('last.onnx'), metadata);
  await saveOnnx(model, inFolder('first.onnx'), { ...metadata, layout: 'nchw' });
  await saveOnnx(model, inFolder('plain.onnx'));
  await saveKeras(model, inFolder('model.keras'));
  fs.mkdirSync(inFolder('images/b/d'), { recursive: true });
  scores = [];
  for (const [index, file] of FILES.entries()) {
    await writeImage(inFolder('images', file), 'noise', 10 + index);
    const x = tf.tensor4d(await prepareImage(inFolder('images', file), preprocessing), [1, 8, 6, 3]);
    scores.push([...(model.predict(x) as tf.Tensor).dataSync()]);
  }
  const others = ['images/notes.txt', 'images/.hidden.png', 'images/b/Thumbs.db'];
  for (const file of others) fs.writeFileSync(inFolder(file), 'x');
});

/** The classes of a file, most probable first. */
function ranking(index: number): { class: string; confidence: number }[] {
  const order = NAMES.map((_, c) => c).sort((a, b) => scores[index]![b]! - scores[index]![a]!);
  return order.map((c) => ({ class: NAMES[c]!, confidence: scores[index]![c]! }));
}

interface Row {
  readonly file: string;
  readonly classes: readonly { readonly class: string; readonly confidence: number }[];
}

function expectRanking(rows: readonly Row[], top: number): void {
  expect(rows.map(({ file }) => file)).toEqual(FILES.map((file) => path.join('images', file)));
  rows.forEach(({ classes }, index) => {
    const wanted = ranking(index).slice(0, top);
    expect(classes.map((each) => each.class)).toEqual(wanted.map((each) => each.class));
    classes.forEach(({ confidence }, rank) => {
      expect(confidence).toBeCloseTo(wanted[rank]!.confidence, 4);
    });
  });
}

test.each([
  ['model', 'wasm'],
  ['model.keras', 'cpu', '--backend', 'cpu', '--class-names', 'x,y,z'],
  ['last.onnx', 'onnxruntime (1 thread)', '--threads', '1'],
  ['first.onnx', 'onnxruntime (2 threads)', '--threads', '2', '--batch', '1'],
])('predict names the classes of all images of a folder, by %s on %s', async (file, engine, ...options) => {
  const args = ['predict', file, 'images', '--format', 'json', '--top', '2', '--batch', '2', ...options];
  const { status, stdout, stderr } = await runCli(args, inFolder());
  expect(stderr).toMatch(
    /^(note: the model records no .*\n)?note: 5 images in .* images\/s, .*\nnote: 1 file was not named as images\n$/,
  );
  expect(stderr).toContain(engine);
  expect(status).toBe(0);
  const rows = JSON.parse(stdout.replaceAll('"x"', '"red"').replaceAll('"y"', '"green, blue"').replaceAll('"z"', '"other"')) as Row[]; // prettier-ignore
  expectRanking(rows, 2);
});

test('predict writes CSV to a file, complete or not at all', async () => {
  const images = FILES.map((file) => `images/${file}`);
  const { stdout } = await runCli(
    ['predict', 'model', ...images, '--format', 'csv', '--out', 'all.csv', '--top', '9'],
    inFolder(),
  );
  expect(stdout).toBe('');
  const [header, ...lines] = fs.readFileSync(inFolder('all.csv'), 'utf8').split('\n');
  expect(header).toBe('file,class_1,confidence_1,class_2,confidence_2,class_3,confidence_3');
  expect(lines).toHaveLength(FILES.length + 1);
  const classes = ranking(0);
  const quoted = classes.map((each) => (each.class.includes(',') ? `"${each.class}"` : each.class));
  expect(lines[0]!.replaceAll(/0\.\d{6}/g, '#')).toBe(`${images[0]!},${quoted.map((name) => `${name},#`).join()}`);
  [...lines[0]!.matchAll(/0\.\d{6}/g)].forEach(([confidence], rank) => {
    expect(Number(confidence)).toBeCloseTo(classes[rank]!.confidence, 4);
  });

  fs.writeFileSync(inFolder('broken.png'), 'no image');
  const files = [images[0]!, 'broken.png', images[1]!];
  const broken = await runCli(['predict', 'model', ...files, '--out', 'none.csv'], inFolder());
  expect(broken.status).toBe(1);
  expect(broken.stderr).toMatch(
    /note: .*received file = 'broken\.png'\nerror: Cannot predict: every image must be .*received broken images = 1\n$/,
  );
  expect(fs.readdirSync(inFolder()).filter((name) => name.startsWith('none'))).toEqual([]);
  const skipped = await runCli(['predict', 'model', ...files, '--skip-broken'], inFolder());
  expect(skipped.status).toBe(0);
  expect(skipped.stdout.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual(['file', images[0], images[1], '']);
  expect(skipped.stderr).toContain('note: 1 image was passed over');
  const none = await runCli(['predict', 'model', 'broken.png', '--skip-broken', '--format', 'json'], inFolder());
  expect([none.status, JSON.parse(none.stdout)]).toEqual([0, []]);
});

test('predict fails in one line for what it cannot run', async () => {
  const image = `images/${FILES[0]!}`;
  await saveModel(tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] }), inFolder('dense'));
  fs.writeFileSync(inFolder('cut.onnx'), fs.readFileSync(inFolder('last.onnx')).subarray(0, 200));
  await expectFailure(
    ['predict', 'dense', image],
    inFolder(),
    1,
    'the model must take images [height, width, channels]',
  );
  await expectFailure(['predict', 'cut.onnx', image], inFolder(), 1, 'the file must be a complete ONNX model');
  await expectFailure(['predict', 'none.onnx', image], inFolder(), 1, 'there must be a readable file');
  await expectFailure(['predict', 'model', 'nowhere.png'], inFolder(), 1, 'there must be such a file or folder');
  await expectFailure(['predict', 'last.onnx', image, '--backend', 'cpu'], inFolder(), 2, 'is not for ONNX files');
  for (const file of ['model', 'last.onnx']) {
    await expectFailure(['predict', file, image, '--size', '16'], inFolder(), 2, 'input of the model, 8 × 6');
  }
  await expectFailure(['predict', 'model'], inFolder(), 2, "missing required argument 'files'");
  await expectFailure(['predict', 'model', image, '--class-names', 'a'], inFolder(), 1, 'a name for each of 3 classes');
});
