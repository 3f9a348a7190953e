/** Helpers of the layer tests: random weights and inputs, saving and loading in memory, comparisons. */
import * as tf from '@tensorflow/tfjs';
import { array64, type Array64 } from '../../oracle/array64.js';
import { expectClose, values } from '../../support/compare.js';
import { Random } from '../../support/random.js';

/** A seeded random tensor of float32 values. */
export function randomTensor(seed: number, shape: readonly number[], low = -1, high = 1): tf.Tensor {
  return tf.tensor(Float32Array.from(new Random(seed).array(shape, low, high).data), [...shape]);
}

/** Gives every weight of a built layer random values, zero-initialised ones included; variances stay positive. */
export function randomizeWeights(layer: tf.layers.Layer, seed: number): void {
  tf.tidy(() => {
    const weights = layer.weights.map(({ name, shape }, index) => {
      const [low, high] = name.includes('variance') ? [0.5, 1.5] : [-0.5, 0.5];
      return randomTensor(seed + index, shape as number[], low, high);
    });
    layer.setWeights(weights);
  });
}

/** Bare name of a weight, without the layer's name and the number that tfjs appends to a repeated name. */
export function weightName({ originalName }: tf.LayerVariable): string {
  return originalName.slice(originalName.lastIndexOf('/') + 1);
}

/** Finds a weight of a layer by its bare name. */
export function weightOf(layer: tf.layers.Layer, name: string): tf.Tensor {
  const weight = layer.weights.find((candidate) => weightName(candidate) === name);
  if (weight === undefined) throw new Error(`layer '${layer.name}' has no weight '${name}'`);
  return weight.read();
}

/** Artifacts of a saved model. */
export async function saveModel(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler((artifacts) => {
    saved = artifacts;
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
  });
  await model.save(handler);
  // A file holds neither undefined values nor shared objects.
  const { weightData, ...rest } = saved!;
  return { ...(JSON.parse(JSON.stringify(rest)) as tf.io.ModelArtifacts), weightData: weightData! };
}

/** Loads a model from artifacts, without custom objects. */
export async function loadModel(artifacts: tf.io.ModelArtifacts): Promise<tf.LayersModel> {
  return tf.loadLayersModel(tf.io.fromMemory(artifacts));
}

/** Calls a layer and returns its output tensor. */
export function callLayer(layer: tf.layers.Layer, inputs: tf.Tensor | tf.Tensor[], training = false): tf.Tensor {
  return layer.apply(inputs, { training }) as tf.Tensor;
}

/** Builds a layer for the inputs and gives it random weights. */
export function built<L extends tf.layers.Layer>(layer: L, inputs: tf.Tensor | tf.Tensor[]): L {
  callLayer(layer, inputs);
  randomizeWeights(layer, 100);
  return layer;
}

/** Values of a weight by its bare name, in float64. */
export async function weightValues(layer: tf.layers.Layer, name: string): Promise<Array64> {
  return values(weightOf(layer, name));
}

/** Applies a function element by element. */
export function map(array: Array64, change: (value: number) => number): Array64 {
  return array64(array.shape, (index) => change(array.data[index]!));
}

/**
 * Asserts that a layer with `dataFormat: 'channelsFirst'` matches the same layer without it on transposed images.
 *
 * @param make creates the layer with the given option
 * @param x an image batch, channels last
 * @param rest further inputs, which are not images
 */
export async function expectFormatsAgree(
  make: (format: { dataFormat: 'channelsFirst' | 'channelsLast' }) => tf.layers.Layer,
  x: tf.Tensor,
  tolerance: number,
  rest: readonly tf.Tensor[] = [],
): Promise<void> {
  const inputs = (image: tf.Tensor): tf.Tensor | tf.Tensor[] => (rest.length === 0 ? image : [image, ...rest]);
  const last = built(make({ dataFormat: 'channelsLast' }), inputs(x));
  const given = inputs(tf.transpose(x, [0, 3, 1, 2]));
  const first = built(make({ dataFormat: 'channelsFirst' }), given);
  first.setWeights(last.getWeights());
  for (const training of [false, true]) {
    const y = tf.transpose(callLayer(first, given, training), [0, 2, 3, 1]);
    await expectClose(y, callLayer(last, inputs(x), training), tolerance);
  }
}

/** Asserts that the call throws the given kind of error with this message, in the standard form. */
export function expectRefusal(call: () => unknown, kind: ErrorConstructor, message: string): void {
  let error: unknown;
  try {
    tf.tidy(() => {
      call();
    });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(kind);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).toMatch(/^Cannot .+: .+, received .+ = /);
}

/** Runs layers one after another, each with given weights by their bare names. */
export function composed(
  x: tf.Tensor,
  steps: readonly (readonly [tf.layers.Layer, readonly tf.Tensor[]])[],
  training: boolean,
): tf.Tensor {
  return steps.reduce<tf.Tensor>((features, [layer, weights]) => {
    callLayer(layer, features);
    layer.setWeights([...weights]);
    return callLayer(layer, features, training);
  }, x);
}

/** Copies of a layer's current weights by their bare names. */
export function snapshot(layer: tf.layers.Layer): (...names: readonly string[]) => tf.Tensor[] {
  const copies = new Map(layer.weights.map((weight) => [weightName(weight), weight.read().clone()]));
  return (...names) => names.map((name) => copies.get(name)!);
}

/** Weight names of a batch normalisation with the given prefix. */
export function normalizerNames(prefix: string): string[] {
  return ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `${prefix}_${name}`);
}
