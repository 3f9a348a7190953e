/**
 * Whole models to and from Keras itself, on one of its backends that are installed: every layer with every option, and every
 * network. A model with random weights is saved here and opened in Keras, which must compute the same, gradients included;
 * then Keras gives it other weights and saves it, and what is loaded here must again compute what Keras does.
 *
 * Differences are relative to the largest number of an output or gradient.
 *
 *     KERAS_DIFFERENCES=1 npm test -- --selectProjects node test/interop/keras_models.test.ts
 *
 * prints them; `KERAS_EVERY=1` runs all networks, on all backends instead of one.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { loadKeras, saveKeras } from '../../src/interop/index.js';
import { randomTensor } from '../layers/support/layers.js';
import { randomize } from '../models/support/models.js';
import { inputsOf, NETWORKS, type Network } from '../models/support/networks.js';
import { boxes, LAYER_CASES, type LayerCase } from './support/keras_layers.js';
import {
  backendAbsence,
  computeHere,
  differenceOf,
  KERAS_BACKENDS,
  KerasModels,
  upstreamFor,
  type Computed,
  type Difference,
  type MadeModel,
  type ModelRequest,
} from './support/keras_models.js';

const LARGEST_DIFFERENCE = 1e-4;

/** Everything, on every backend: JAX and NumPy compile every operator, JAX a minute a network. */
const isEverything = process.env['KERAS_EVERY'] !== undefined;
const CHOSEN = KERAS_BACKENDS.find((backend) => backendAbsence(backend) === undefined);
const USUAL = /^(squeezeNet|superResolution|denoisingAutoencoder|deformableRFCNHead|mobileNetV1, deformable)$/;

/** Networks with layers that Keras lacks. */
const OWN = /shuffle|deepLab|rfb|RFCN|deformable|denoising|resNeXt/;

jest.setTimeout(900_000);

const rows: string[] = [];
let folder: string;

beforeAll(async () => {
  await tf.setBackend('wasm');
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keras-models-'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
  if (process.env['KERAS_DIFFERENCES'] !== undefined) process.stderr.write(`${rows.join('\n')}\n`);
});

/** Layers beside each other, as one model with an output for each. */
interface Bench {
  readonly model: tf.LayersModel;
  readonly inputs: tf.Tensor[];
  /** Indices of the inputs without gradient. */
  readonly fixed: readonly number[];
  readonly parts: readonly Part[];
}

/** One layer, and its inputs by their indices. */
interface Part {
  readonly name: string;
  readonly layer: string;
  readonly inputs: readonly number[];
}

function bench(cases: readonly LayerCase[]): Bench {
  const [inputs, fixed, parts]: [tf.Tensor[], number[], Part[]] = [[], [], []];
  const symbols: tf.SymbolicTensor[] = [];
  const outputs = cases.map(({ name, build, inputs: shapes, second, boxes: hasBoxes = false }) => {
    const start = inputs.length;
    const [first, ...others] = shapes.map((shape, index) =>
      index === 1 && second !== undefined ? second() : randomTensor(100 + start + index, shape),
    );
    inputs.push(first!, ...(hasBoxes ? boxes() : []), ...others);
    const given = inputs
      .slice(start)
      .map(({ shape, dtype }, index) => tf.input({ name: `x${start + index}`, shape: shape.slice(1), dtype }));
    symbols.push(...given);
    if (hasBoxes) fixed.push(start + 1, start + 2);
    // Of the second input, these take the size alone.
    else if (/Like|Bilinear/.test(name)) fixed.push(start + 1);
    const layer = build();
    parts.push({ name, layer: layer.name, inputs: given.map((_, index) => start + index) });
    return layer.apply(given.length === 1 ? given[0]! : given) as tf.SymbolicTensor;
  });
  const model = tf.model({ inputs: symbols, outputs });
  randomize(model);
  return { model, inputs, fixed, parts };
}

interface MadeCase {
  readonly name: string;
  readonly made: MadeModel;
  readonly shape: readonly number[];
  readonly classes: readonly number[];
}

const application = (name: string, side: number, args: object): MadeCase => {
  const made = { application: name, arguments: { input_shape: [side, side, 3], classes: 5, ...args } };
  return { name: `keras.applications.${name}`, made, shape: [side, side, 3], classes: [5] };
};
const sequence = (
  name: string,
  shape: readonly number[],
  classes: readonly number[],
  ...layers: [string, object][]
) => {
  return { name, made: { layers, shape }, shape, classes };
};

/** Models that Keras makes: operators in the graph, options that TensorFlow.js does not know, preprocessing. */
const MADE: readonly MadeCase[] = [
  application('MobileNet', 32, { alpha: 0.25, classifier_activation: null }),
  application('MobileNetV3Small', 32, { alpha: 0.5, classifier_activation: null }),
  ...(isEverything ? [application('EfficientNetB0', 32, { classifier_activation: null })] : []),
  sequence(
    'layers whose options TensorFlow.js does not know',
    [9, 8, 4],
    [6],
    ['Rescaling', { scale: 0.5, offset: 0.1 }],
    ['Normalization', { axis: -1 }],
    ['Rescaling', { scale: [1, 0.5, 2, 1.5], offset: [0, 0.1, 0.2, 0.3] }],
    ['Normalization', { axis: [3], mean: [0, 0.5, 1, 0], variance: [1, 2, 0.5, 1] }],
    ['RandomFlip', {}],
    ['Conv2D', { filters: 6, kernel_size: 3, groups: 2, dilation_rate: 2, padding: 'same' }],
    ['BatchNormalization', { axis: 1, scale: false }],
    ['ReLU', { negative_slope: 0.2 }],
    ['DepthwiseConv2D', { kernel_size: 2, dilation_rate: 2, activation: 'silu' }],
    ['SpatialDropout2D', { rate: 0.3 }],
    ['UpSampling2D', { size: 2, interpolation: 'bilinear' }],
    ['Activation', { activation: 'hard_sigmoid' }],
    ['Conv2DTranspose', { filters: 6, kernel_size: 3, strides: 2, padding: 'same', activation: 'hard_swish' }],
    ['AveragePooling2D', { pool_size: 3, strides: 1, padding: 'same' }],
    ['GlobalAveragePooling2D', { keepdims: true }],
    ['Flatten', {}],
  ),
];

/** Results of one layer. */
function partOf(
  { outputs, weights, inputs }: Computed,
  { layer, inputs: own }: Part,
  at: number,
  fixed: readonly number[],
) {
  const free = own.filter((index) => !fixed.includes(index));
  const before = (index: number): number => index - fixed.filter((each) => each < index).length;
  return {
    outputs: [outputs[at]!],
    ...(weights && { weights: layer in weights ? { [layer]: weights[layer]! } : {} }),
    ...(inputs && { inputs: free.map((index) => inputs[before(index)]!) }),
  };
}

/** Compares layers there and back; returns those that differ. */
async function compareLayers(keras: KerasModels, backend: string, cases: readonly LayerCase[]): Promise<string[]> {
  const { model, inputs, fixed, parts } = bench(cases);
  const own = cases.some((each) => each.own === true);
  const training = cases.every((each) => each.trained === true);
  const file = path.join(folder, `${backend}.keras`);
  await saveKeras(model, file);
  const request = { inputs, fixed, upstream: upstreamFor(model, inputs, 7), training };
  const formats = cases.some(({ archiveOnly = false }) => archiveOnly) ? ['.keras'] : ['.keras', '.h5'];
  const theirs = training ? [] : formats.map((format) => path.join(folder, `theirs${format}`));
  const answer = await keras.open({ ...request, open: file, own, seed: 5, save: theirs });
  // What needs no package has run before the first that does.
  expect(answer.own).toBe(own);
  const pairs: (readonly [Computed, Computed])[] = [[computeHere(model, request), answer]];
  for (const each of theirs) {
    const loaded = await loadKeras(each);
    expect(namesOf(loaded)).toEqual(namesOf(model));
    pairs.push([computeHere(loaded, request), answer.changed!]);
    disposeAll(loaded);
  }
  const found = parts.map((part, at) => {
    const differences = pairs.map(([here, there]) =>
      differenceOf(partOf(here, part, at, fixed), partOf(there, part, at, fixed)),
    );
    return { name: training ? `${part.name}, in training` : part.name, ...worst(differences) };
  });
  for (const { name, outputs, gradients } of found) addRow(name, backend, { outputs, gradients });
  disposeAll(model);
  tf.dispose([inputs, request.upstream]);
  return found.flatMap(({ name, outputs, gradients }) =>
    Math.max(outputs, gradients) <= LARGEST_DIFFERENCE ? [] : [`${name}: ${outputs}, ${gradients}`],
  );
}

/** Images to try: a unit so near its threshold that only the other side crosses it is not there on every image. */
const SEEDS = [3, 4, 5, 6];

/** Compares a network there and back. */
async function compareNetwork(keras: KerasModels, network: Network, seed: number, isOwn: boolean) {
  const model = network.build();
  randomize(model);
  const file = path.join(folder, 'network.keras');
  await saveKeras(model, file);
  const given = inputsOf(network, { seed });
  // One image: of the fewer units, fewer are near a threshold that rounding crosses. (torch cannot differentiate a
  // convolution of one image of one channel.)
  const isAlone = network.others === undefined && network.image.at(-1) !== 1;
  const inputs = isAlone ? [tf.slice(given[0]!, 0, 1)] : given.map((each) => tf.clone(each));
  const fixed = network.others === undefined ? [] : [1, 2];
  const request = { inputs, fixed, upstream: upstreamFor(model, inputs, 7) };
  const theirs = path.join(folder, 'theirs.keras');
  const answer = await keras.open({ ...request, open: file, own: isOwn, seed: 5, save: [theirs] });
  expect(answer.own).toBe(isOwn);
  const loaded = await loadKeras(theirs);
  const difference = worst([
    differenceOf(computeHere(model, request), answer),
    differenceOf(computeHere(loaded, request), answer.changed!),
  ]);
  const limit = Math.max(LARGEST_DIFFERENCE, 3 * variationOf(model, request));
  [model, loaded].forEach(disposeAll);
  tf.dispose([given, inputs, request.upstream]);
  return { difference, isNear: difference.outputs <= LARGEST_DIFFERENCE && difference.gradients <= limit };
}

/** Difference that rounding of the images makes, at least. */
function variationOf(model: tf.LayersModel, request: Omit<ModelRequest, 'open'>): number {
  const here = computeHere(model, request);
  const moved = [1 + 2e-7, 1 - 2e-7].map((scale) => {
    const [images, ...others] = request.inputs;
    const scaled = tf.mul(images!, scale);
    const { gradients } = differenceOf(computeHere(model, { ...request, inputs: [scaled, ...others] }), here);
    scaled.dispose();
    return gradients;
  });
  return Math.max(...moved);
}

function worst(differences: readonly Difference[]): Difference {
  return {
    outputs: Math.max(...differences.map(({ outputs }) => outputs)),
    gradients: Math.max(...differences.map(({ gradients }) => gradients)),
  };
}

function addRow(name: string, backend: string, { outputs, gradients }: Difference): void {
  rows.push([name, backend, outputs.toExponential(1), gradients.toExponential(1)].join(' | '));
}

const namesOf = (model: tf.LayersModel): string[] => model.inputs.map(({ sourceLayer }) => sourceLayer.name);

/** model.dispose() misses layers that are used twice or in a nested model. */
function disposeAll(model: tf.LayersModel): void {
  for (const weight of model.weights) weight.dispose();
}

for (const backend of KERAS_BACKENDS) {
  const choice = isEverything || backend === CHOSEN ? undefined : 'KERAS_EVERY=1 runs it too';
  const absence = backendAbsence(backend) ?? choice;
  const suite = absence === undefined ? describe : describe.skip;
  const label = absence === undefined ? `[keras-${backend}]` : `[keras-${backend}: skipped, ${absence}]`;

  suite(`saveKeras() and loadKeras() ${label}`, () => {
    let keras: KerasModels;
    beforeAll(() => {
      keras = new KerasModels(backend);
    });
    afterAll(() => keras.close());

    const networks = NETWORKS.filter(({ name }) => isEverything || USUAL.test(name)).map((network) => {
      return { network, name: network.name, isOwn: OWN.test(network.name) };
    });
    const testNetworks = (isOwn: boolean): void => {
      for (const { name, network } of networks.filter((each) => each.isOwn === isOwn)) {
        test(`${name} computes there and back what it does here`, async () => {
          const tried: Difference[] = [];
          for (const seed of SEEDS) {
            const { difference, isNear } = await compareNetwork(keras, network, seed, isOwn);
            tried.push(difference);
            if (isNear) {
              addRow(name, backend, difference);
              return;
            }
          }
          throw new Error(`${name} differs: ${JSON.stringify(tried)}`);
        });
      }
    };

    test('layers that Keras has, of this package and of TensorFlow.js', async () => {
      const cases = LAYER_CASES.filter(({ own = false }) => !own);
      const isArchived = ({ archiveOnly = false }: LayerCase): boolean => archiveOnly;
      for (const some of [cases.filter((each) => !isArchived(each)), cases.filter(isArchived)]) {
        expect(await compareLayers(keras, backend, some)).toEqual([]);
      }
    });
    testNetworks(false);

    test.each(MADE)('$name, as Keras makes it', async ({ name, made, shape, classes }) => {
      const inputs = [randomTensor(1, [2, ...shape])];
      const upstream = [randomTensor(2, [2, ...classes])];
      const files = ['.keras', '.h5'].map((format) => path.join(folder, `made${format}`));
      const request = { inputs, fixed: [], upstream };
      const there = await keras.create({ ...request, ...made, seed: 5, save: files });
      const differences = [];
      const warned = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      for (const file of files) {
        const loaded = await loadKeras(file);
        differences.push(differenceOf(computeHere(loaded, request), there));
        disposeAll(loaded);
      }
      warned.mockRestore();
      const difference = worst(differences);
      addRow(name, backend, difference);
      expect(Math.max(difference.outputs, difference.gradients)).toBeLessThan(LARGEST_DIFFERENCE);
      tf.dispose([inputs, upstream]);
    });

    test('layers that the Python package gives it, with every option', async () => {
      const cases = LAYER_CASES.filter(({ own = false }) => own);
      expect(await compareLayers(keras, backend, cases)).toEqual([]);
    });
    test('layers that use the statistics of the batch, in training', async () => {
      const cases = LAYER_CASES.filter(({ trained = false }) => trained);
      expect(await compareLayers(keras, backend, cases)).toEqual([]);
    });
    testNetworks(true);
  });
}
