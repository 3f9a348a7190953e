/** The command `convert`: ONNX files of saved models. */
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import * as conv from '../../src/index.js';
import { saveModel } from '../../src/training/model_files.js';
import { inputsOf, randomizeWeights, runFile, runModel, worstDifference } from '../interop/support/onnx_runtimes.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, snapshot, succeed } from './support.js';

const inFolder = temporaryFolder();

beforeAll(() => tf.setBackend('cpu'));

/** Texts of the metadata of a file, which are stored as they are. */
const textOf = (name: string): string => fs.readFileSync(inFolder(name), 'latin1');

test('convert writes a saved model as an ONNX file, with the class names and the preprocessing of its run', async () => {
  const model = tf.sequential({
    layers: [
      conv.layers.deformableConv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, 1] }),
      conv.layers.batchNormalization(),
      tf.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
    ],
  });
  randomizeWeights(model);
  model.setUserDefinedMetadata({ classNames: ['one', 'two', 'three'], run: '01234567-89ab-cdef-0123-456789abcdef' });
  await saveModel(model, inFolder('model'));
  const options = ['--deformable', 'decomposed', '--no-nan-guard', '--input-shape', 'any,any,1', '--layout', 'nchw'];
  const more = ['--fold-batch-normalization', '--metadata', 'author=me', '--metadata', 'note=a=b'];
  const { stdout } = await succeed(['convert', 'model', 'out.onnx', ...options, ...more], inFolder());
  expect(stdout).toMatch(/^written to out\.onnx: \d+ KiB\n$/);
  for (const text of ['["one","two","three"]', '"offset":-1}', 'author', 'a=b', 'GridSample']) {
    expect(textOf('out.onnx')).toContain(text);
  }
  for (const text of ['Where', 'BatchNormalization']) expect(textOf('out.onnx')).not.toContain(text);
  const inputs = inputsOf(model, [[2, 8, 8, 1]], 1);
  // One channel: both layouts are the same numbers.
  const [got] = await runFile(ort, inFolder('out.onnx'), [inputs.map((input) => ({ ...input, shape: [2, 1, 8, 8] }))]);
  expect(worstDifference(got!, runModel(model, inputs))).toBeLessThan(1e-4);
});

test('convert takes class names and preprocessing from its options, and writes weights to a second file', async () => {
  await saveModel(tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [1000] })] }), inFolder('dense'));
  const options = ['--class-names', 'cat, dog', '--preprocessing', '0.5,-2', '--external-data'];
  await succeed(['convert', 'dense', 'dense.onnx', ...options], inFolder());
  expect(textOf('dense.onnx')).toContain('["cat","dog"]');
  expect(textOf('dense.onnx')).toContain('{"scale":0.5,"offset":-2}');
  expect(fs.statSync(inFolder('dense.onnx.data')).size).toBe(1000 * 2 * 4);
  await succeed(['convert', 'dense', 'half.onnx', '--weights', 'float16'], inFolder());
  expect(fs.statSync(inFolder('half.onnx')).size).toBeLessThan(1000 * 2 * 2 + 1000);
});

test('convert and analyze take ONNX files', async () => {
  const { stdout } = await succeed(['convert', 'dense.onnx', 'again.onnx'], inFolder());
  expect(stdout).toMatch(/^written to again\.onnx: \d+ KiB\n$/);
  const { stdout: table } = await succeed(['analyze', 'again.onnx', '--json'], inFolder());
  expect(table).toContain(`"trainable": ${1000 * 2 + 2}`);
});

test('convert fails in one line that names all layers without a form in ONNX, and writes nothing', async () => {
  const layers = [tf.layers.embedding({ inputDim: 3, outputDim: 2, inputLength: 4 }), tf.layers.lstm({ units: 2 })];
  await saveModel(tf.sequential({ layers }), inFolder('words'));
  fs.mkdirSync(inFolder('empty'));
  const names = layers.map(({ name }) => name);
  const message = `${names[0]!} (Embedding): there is no converter for this class; ${names[1]!} (LSTM)`;
  await expectFailure(['convert', '../words', 'out.onnx'], inFolder('empty'), 1, message);
  expect(snapshot(inFolder('empty'))).toEqual({});
  await expectFailure(['convert', 'nowhere', 'out.onnx'], inFolder('empty'), 1, 'there must be a model.json');
  fs.writeFileSync(inFolder('weights.pth'), 'x');
  await expectFailure(['convert', '../weights.pth', 'out.onnx'], inFolder('empty'), 1, 'the model must be a folder, a');
  const three = ['--class-names', 'a,b,c'];
  await expectFailure(['convert', '../dense', 'out.onnx', ...three], inFolder('empty'), 1, 'for each of 2 classes');
});

test('convert writes a saved model as a file of Keras, and a file of Keras as an ONNX file', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [5], activation: 'relu' })] });
  await saveModel(model, inFolder('plain'));
  const { stdout } = await succeed(['convert', 'plain', 'plain.keras'], inFolder());
  expect(stdout).toMatch(/^written to plain\.keras: \d+ KiB\n$/);
  await succeed(['convert', 'plain.keras', 'plain.onnx'], inFolder());
  const inputs = inputsOf(model, [[2, 5]], 1);
  const [got] = await runFile(ort, inFolder('plain.onnx'), [inputs]);
  expect(worstDifference(got!, runModel(model, inputs))).toBeLessThan(1e-6);
});
