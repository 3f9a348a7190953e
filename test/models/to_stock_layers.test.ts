/** Networks in layers of TensorFlow.js alone: the same outputs, in a process that does not know this package. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { saveModel } from '../../src/training/index.js';
import { randomTensor } from '../layers/support/layers.js';

const SMALL = { inputShape: [32, 32, 3], classes: 4 };

const NETWORKS: Readonly<Record<string, () => tf.LayersModel>> = {
  mobileNetV1: () => conv.mobileNetV1({ ...SMALL, alpha: 0.125, shallow: true, downsampling: 2 }),
  mobileNetV2: () => conv.mobileNetV2({ ...SMALL, alpha: 0.125 }),
};

/** Prints outputs of a model for ones, in a process without this package. */
const PROGRAM = `
const fs = require('node:fs');
const tf = require('@tensorflow/tfjs');
const [folder, shape] = process.argv.slice(1);
const json = JSON.parse(fs.readFileSync(folder + '/model.json', 'utf8'));
const { buffer } = new Uint8Array(fs.readFileSync(folder + '/weights.bin'));
const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
const artifacts = { modelTopology: json.modelTopology, weightSpecs, weightData: buffer };
tf.setBackend('cpu').then(async () => {
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  const y = model.predict(tf.ones(JSON.parse(shape)));
  console.log('outputs ' + JSON.stringify([...y.dataSync()]));
});
`;

describe('toStockLayers()', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test.each(Object.entries(NETWORKS))('%s computes the same in a program without this package', async (_, build) => {
    const model = build();
    model.setWeights(model.weights.map((weight, index) => positive(index, weight.shape as number[])));
    const before = tf.memory().numTensors;
    const stock = conv.toStockLayers(model);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stock-'));
    await saveModel(stock, folder);
    const shape = [1, ...(model.inputs[0]!.shape.slice(1) as number[])];
    const printed = execFileSync(process.execPath, ['-e', PROGRAM, folder, JSON.stringify(shape)], {
      encoding: 'utf8',
    });
    const outputs = JSON.parse(/outputs (.*)/.exec(printed)![1]!) as number[];
    const expected = tf.tidy(() => (model.predict(tf.ones(shape)) as tf.Tensor).dataSync());
    expect(outputs).toHaveLength(expected.length);
    outputs.forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at]!, 5);
    });
    stock.dispose();
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
    fs.rmSync(folder, { recursive: true });
  });

  test('nested models, shared layers, explicit padding and every kind of layer', () => {
    const { conv2d, batchNormalization } = conv.layers;
    const padding: [[number, number], [number, number]] = [
      [1, 1],
      [2, 0],
    ];
    const block = tf.sequential({
      layers: [
        conv2d({ filters: 6, kernelSize: 3, padding, activation: 'swish', inputShape: [16, 16, 6] }),
        batchNormalization({ activation: 'relu6' }),
      ],
    });
    const input = tf.input({ shape: [16, 16, 6] });
    let y = block.apply(block.apply(input)) as tf.SymbolicTensor;
    for (const layer of [
      conv.layers.depthwiseSeparableConv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'tanh' }),
      batchNormalization({ activation: 'relu' }),
      conv.layers.dilatedConv2d({ filters: 3, kernelSize: 3, dilationRate: 2 }),
      conv.layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
      conv.layers.maxPooling2d({ poolSize: 2 }),
      conv.layers.averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' }),
      conv.layers.upSampling2d({ size: 2 }),
      conv.layers.identity(),
      conv.layers.dropout({ rate: 0.5 }),
    ]) {
      y = layer.apply(y) as tf.SymbolicTensor;
    }
    const model = tf.model({ inputs: input, outputs: y });
    model.setWeights(model.weights.map((weight, index) => positive(index, weight.shape as number[])));
    const stock = conv.toStockLayers(model);
    expect(classesOf(stock).filter((name) => name.includes('>'))).toEqual([]);
    const x = randomTensor(9, [2, 16, 16, 6]);
    const [ours, theirs] = [model, stock].map((each) => (each.predict(x) as tf.Tensor).dataSync());
    ours!.forEach((value, at) => {
      expect(theirs![at]).toBeCloseTo(value, 4);
    });
  });

  test('all layers that have no counterpart are named, each with its reason', () => {
    const { conv2d, deformableConv2d, depthwiseConv2d, groupedConv2d, hardSwish } = conv.layers;
    const model = tf.sequential({
      layers: [
        deformableConv2d({ filters: 4, kernelSize: 3, name: 'bent', inputShape: [16, 16, 4] }),
        groupedConv2d({ filters: 4, kernelSize: 3, groups: 2, name: 'split' }),
        depthwiseConv2d({ kernelSize: 3, dilationRate: 2, name: 'wide' }),
        conv2d({ filters: 4, kernelSize: 3, padding: 'same', paddingMode: 'reflect', name: 'mirrored' }),
        conv2d({ filters: 4, kernelSize: 1, strides: 2, padding: 'same', name: 'skipping' }),
        hardSwish({ name: 'bent_line' }),
      ],
    });
    const before = tf.memory().numTensors;
    expect(() => conv.toStockLayers(model)).toThrow(
      new RangeError(
        'Cannot use layers of TensorFlow.js alone: TensorFlow.js must have a counterpart of every layer (bent: TensorFlow.js has ' +
          'no such layer; split: it has groups (2), which TensorFlow.js ignores; wide: TensorFlow.js ignores its dilationRate; ' +
          "mirrored: its padding is not of zeros ('reflect'); skipping: TensorFlow.js computes 'same' wrong on wasm for a kernel " +
          'that is smaller than its stride; bent_line: TensorFlow.js has no such layer), received layers without one = 6',
      ),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Values that are fit for a variance, too. */
function positive(seed: number, shape: number[]): tf.Tensor {
  return tf.tidy(() => randomTensor(seed, shape).abs().mul(0.5).add(0.01));
}

function classesOf(model: tf.LayersModel): string[] {
  return model.layers.flatMap((layer) => (layer instanceof tf.LayersModel ? classesOf(layer) : [layer.getClassName()]));
}
