/**
 * Weights to and from Keras itself: models of keras.applications and single layers get random weights in Keras, are saved,
 * are loaded here, and must compute the same; then the weights go back into a Keras model that has lost its own.
 *
 * Differences are relative to the largest absolute output of the model in Keras. The networks end without an activation.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { loadKerasWeights, saveKerasWeights } from '../../src/interop/index.js';
import { Random } from '../support/random.js';
import { buildGraph, randomGraph } from './support/graphs.js';
import {
  kerasAbsence,
  KerasProcess,
  type Graph,
  type GraphLayer,
  type KerasArray,
  type KerasModel,
} from './support/keras.js';

const LARGEST_DIFFERENCE = 1e-4;

/** Of small graphs of random layers, whose rounding is a few units in the last place: 2e-6 in 78 of them. */
const LARGEST_GRAPH_DIFFERENCE = 1e-5;

// The first test starts Keras, which builds networks of twenty million weights.
jest.setTimeout(240_000);

interface Case {
  readonly name: string;
  readonly keras: KerasModel;
  readonly build: () => tf.LayersModel;
  /** Format in which Keras saves. */
  readonly format: '.weights.h5' | '.h5' | '.official.h5' | '.renamed.h5' | '.keras';
  readonly range?: readonly [number, number];
}

const TOP = { classes: 5, classifierActivation: 'linear' } as const;

/** A small version of a network of keras.applications. */
function application(name: string, size: number, args: object): KerasModel {
  return {
    application: name,
    arguments: { input_shape: [size, size, 3], classes: 5, classifier_activation: null, ...args },
  };
}

const NETWORKS: readonly Case[] = [
  {
    name: 'MobileNet V1',
    keras: application('MobileNet', 41, { alpha: 0.25 }),
    build: () => conv.mobileNetV1({ ...TOP, inputShape: [41, 41, 3], alpha: 0.25 }),
    format: '.keras',
  },
  {
    name: 'MobileNet V2',
    keras: application('MobileNetV2', 45, { alpha: 0.35 }),
    build: () => conv.mobileNetV2({ ...TOP, inputShape: [45, 45, 3], alpha: 0.35 }),
    format: '.renamed.h5',
  },
  {
    name: 'MobileNet V3 small',
    keras: application('MobileNetV3Small', 43, {}),
    build: () => conv.mobileNetV3Small({ ...TOP, inputShape: [43, 43, 3] }),
    format: '.weights.h5',
    range: [0, 255],
  },
  {
    name: 'MobileNet V3 large, minimalistic',
    keras: application('MobileNetV3Large', 37, { minimalistic: true, alpha: 0.5 }),
    build: () => conv.mobileNetV3Large({ ...TOP, inputShape: [37, 37, 3], alpha: 0.5, minimalistic: true }),
    format: '.keras',
    range: [0, 255],
  },
  {
    name: 'Xception',
    keras: application('Xception', 71, {}),
    build: () => conv.xception({ ...TOP, inputShape: [71, 71, 3] }),
    format: '.official.h5',
  },
  {
    name: 'Inception-v3',
    keras: application('InceptionV3', 75, {}),
    build: () => conv.inceptionV3({ ...TOP, inputShape: [75, 75, 3] }),
    format: '.weights.h5',
  },
];

const { layers } = conv;

/** One layer of Keras and its counterpart in this package, on images whose sizes are all unequal. */
const LAYERS: readonly Omit<Case, 'format'>[] = [
  {
    name: 'Conv2D with groups and dilation',
    keras: {
      layer: 'Conv2D',
      arguments: { filters: 6, kernel_size: [3, 2], groups: 2, dilation_rate: [2, 3], padding: 'same' },
      input: [9, 11, 4],
    },
    build: () =>
      single(
        [9, 11, 4],
        layers.groupedConv2d({
          name: 'layer',
          filters: 6,
          kernelSize: [3, 2],
          groups: 2,
          dilationRate: [2, 3],
          padding: 'same',
        }),
      ),
  },
  {
    name: 'DepthwiseConv2D with dilation',
    keras: {
      layer: 'DepthwiseConv2D',
      arguments: { kernel_size: 3, depth_multiplier: 2, dilation_rate: 2 },
      input: [9, 11, 3],
    },
    build: () =>
      single([9, 11, 3], layers.depthwiseConv2d({ name: 'layer', kernelSize: 3, depthMultiplier: 2, dilationRate: 2 })),
  },
  {
    name: 'SeparableConv2D',
    keras: {
      layer: 'SeparableConv2D',
      arguments: { filters: 5, kernel_size: 3, depth_multiplier: 2, strides: 2, padding: 'same' },
      input: [9, 12, 3],
    },
    build: () =>
      single(
        [9, 12, 3],
        layers.depthwiseSeparableConv2d({
          name: 'layer',
          filters: 5,
          kernelSize: 3,
          depthMultiplier: 2,
          strides: 2,
          padding: 'same',
        }),
      ),
  },
  ...(['valid', 'same'] as const).map((padding) => ({
    name: `Conv2DTranspose with output padding, ${padding}`,
    keras: {
      layer: 'Conv2DTranspose',
      arguments: { filters: 4, kernel_size: 3, strides: 2, padding, output_padding: 1 },
      input: [5, 7, 3],
    },
    build: () =>
      single(
        [5, 7, 3],
        layers.conv2dTranspose({ name: 'layer', filters: 4, kernelSize: 3, strides: 2, padding, outputPadding: 1 }),
      ),
  })),
];

function single(inputShape: number[], layer: tf.layers.Layer): tf.LayersModel {
  const input = tf.input({ shape: inputShape });
  return tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
}

/** Largest difference, relative to the largest expected value. */
function difference(got: KerasArray, want: KerasArray): number {
  expect(got.shape).toEqual(want.shape);
  const largest = want.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = want.data.reduce((most, value, index) => Math.max(most, Math.abs(got.data[index]! - value)), 0);
  expect(Number.isFinite(largest) && largest > 1e-3).toBe(true);
  // A NaN must not count as a small difference.
  return got.data.every(Number.isFinite) ? worst / largest : Infinity;
}

function predict(model: tf.LayersModel, { shape, data }: KerasArray): KerasArray {
  return tf.tidy(() => {
    const y = model.predict(tf.tensor(data, shape)) as tf.Tensor;
    return { shape: y.shape, data: Float32Array.from(y.dataSync()) };
  });
}

const absence = kerasAbsence();
const suite = absence === undefined ? describe : describe.skip;

suite(absence === undefined ? 'loadKerasWeights() [keras]' : `loadKerasWeights() [keras: skipped, ${absence}]`, () => {
  let keras: KerasProcess;
  let folder: string;
  const differences: string[] = [];

  beforeAll(async () => {
    await tf.setBackend('wasm');
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keras-'));
    keras = new KerasProcess();
  });
  afterAll(async () => {
    await keras.close();
    fs.rmSync(folder, { recursive: true, force: true });
    if (process.env['KERAS_DIFFERENCES'] !== undefined) process.stderr.write(`${differences.join('\n')}\n`);
  });

  async function compare(
    { name, keras: made, build, range = [-1, 1] }: Omit<Case, 'format'>,
    formats: readonly string[],
    limit = LARGEST_DIFFERENCE,
  ) {
    const files = formats.map((format) => path.join(folder, `theirs${format}`));
    const want = await keras.make({ make: made, seed: 7, range, files });
    const tensors = tf.memory().numTensors;
    const loaded: number[] = [];
    for (const [index, file] of files.entries()) {
      const model = build();
      const { loaded: count } = await loadKerasWeights(model, file);
      expect(count).toBe(model.weights.length);
      loaded.push(difference(predict(model, want.input), want.output));
      if (index === 0) await saveKerasWeights(model, path.join(folder, 'ours.weights.h5'));
      // model.dispose() misses layers that are used twice or in a nested model.
      for (const weight of model.weights) weight.dispose();
    }
    expect(tf.memory().numTensors).toBe(tensors);
    // The same arithmetic on the same inputs, bit for bit.
    const back = difference((await keras.load(path.join(folder, 'ours.weights.h5'))).output, want.output);
    differences.push([name, ...loaded.map((each) => each.toExponential(1)), back.toExponential(1)].join(' | '));
    expect(Math.max(...loaded)).toBeLessThan(limit);
    expect(back).toBe(0);
  }

  test.each(NETWORKS)('$name of a $format file computes as in Keras, and back', async ({ format, ...network }) => {
    await compare(network, [format]);
  });

  test.each(LAYERS)('$name computes as in Keras from every format, and back', async (layer) => {
    await compare(layer, ['.weights.h5', '.h5', '.keras']);
  });

  const FORMATS = ['.weights.h5', '.h5', '.keras'] as const;

  test('a layer on a layer of the same shapes, the outer one created first', async () => {
    const dense: GraphLayer = { type: 'Dense', arguments: { units: 3 } };
    const graph: Graph = {
      input: [3],
      layers: [dense, dense, dense],
      calls: [
        [2, [0]],
        [0, [1]],
        [1, [2]],
      ],
    };
    await compare({ name: 'C(C(x))', keras: graph, build: () => buildGraph(graph, false) }, FORMATS);
    await compare({ name: 'C(C(x)), reversed', keras: graph, build: () => buildGraph(graph, true) }, FORMATS);
  });

  test('graphs with branches, shared layers and models inside, created in another order', async () => {
    const seed = Number(process.env['KERAS_SEED'] ?? 1);
    const count = Number(process.env['KERAS_GRAPHS'] ?? 5);
    for (let index = seed; index < seed + count; index++) {
      const graph = randomGraph(new Random(index));
      const name = `KERAS_SEED=${index} KERAS_GRAPHS=1: ${JSON.stringify(graph)}`;
      try {
        const network = { name, keras: graph, build: () => buildGraph(graph, index % 2 === 0) };
        await compare(network, FORMATS, LARGEST_GRAPH_DIFFERENCE);
      } catch (error) {
        throw new Error(`${name}\n${(error as Error).message}`, { cause: error });
      }
    }
  });

  const steps = { units: 3, return_sequences: true };
  const recurrent: readonly (readonly [string, GraphLayer])[] = [
    ['LSTM', { type: 'LSTM', arguments: steps }],
    ['GRU', { type: 'GRU', arguments: { ...steps, reset_after: false } }],
    ['SimpleRNN', { type: 'SimpleRNN', arguments: steps }],
    ['Bidirectional', { type: 'Bidirectional', arguments: {}, layer: { type: 'LSTM', arguments: steps } }],
    ['TimeDistributed', { type: 'TimeDistributed', arguments: {}, layer: { type: 'Dense', arguments: { units: 3 } } }],
    [
      'stacked cells',
      {
        type: 'RNN',
        arguments: { return_sequences: true },
        cells: [
          { type: 'LSTMCell', arguments: { units: 3 } },
          { type: 'LSTMCell', arguments: { units: 3 } },
        ],
      },
    ],
  ];
  test.each(recurrent)('%s, twice', async (name, layer) => {
    const graph: Graph = {
      input: [4, 3],
      layers: [layer, layer],
      calls: [
        [1, [0]],
        [0, [1]],
      ],
    };
    await compare({ name, keras: graph, build: () => buildGraph(graph, true) }, FORMATS);
  });

  test('a GRU with other arithmetic and a subclassed model are refused for the right reason', async () => {
    const gru: Graph = { input: [4, 3], layers: [{ type: 'GRU', arguments: steps }], calls: [[0, [0]]] };
    const file = path.join(folder, 'theirs.weights.h5');
    await keras.make({ make: gru, seed: 7, range: [-1, 1], files: [file] });
    const model = buildGraph({ ...gru, layers: [{ type: 'GRU', arguments: { ...steps, reset_after: false } }] }, false);
    await expect(loadKerasWeights(model, file)).rejects.toThrow('bias is [2, 9] in the file and must be [9]');
    const files = ['.weights.h5', '.keras'].map((format) => path.join(folder, `subclassed${format}`));
    await keras.make({ make: { subclassed: 3 }, seed: 7, range: [-1, 1], files });
    for (const subclassed of files) {
      await expect(loadKerasWeights(model, subclassed)).rejects.toThrow(
        `the model must be Sequential or Functional: this one is subclassed, and its file records the attributes of a Python class (blocks, first), but not the order of layers, received file = '${subclassed}'`,
      );
    }
    model.dispose();
  });
});
