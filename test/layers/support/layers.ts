/** Small helpers of the layer tests: random weights and inputs, saving and loading in memory, comparisons. */
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
    const values = layer.weights.map(({ name, shape }, index) => {
      const [low, high] = name.includes('variance') ? [0.5, 1.5] : [-0.5, 0.5];
      return randomTensor(seed + index, shape as number[], low, high);
    });
    layer.setWeights(values);
  });
}

/** The weight's own name, without the layer's and the number that tfjs adds to a repeated name. */
export function weightName({ originalName }: tf.LayerVariable): string {
  return originalName.slice(originalName.lastIndexOf('/') + 1);
}

/** The weight of a layer by its own name. */
export function weightOf(layer: tf.layers.Layer, name: string): tf.Tensor {
  const weight = layer.weights.find((candidate) => weightName(candidate) === name);
  if (weight === undefined) throw new Error(`layer '${layer.name}' has no weight '${name}'`);
  return weight.read();
}

/** What a model's file holds. */
export async function saveModel(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler((artifacts) => {
    saved = artifacts;
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
  });
  await model.save(handler);
  // A file knows nothing of undefined values and of shared objects.
  const { weightData, ...rest } = saved!;
  return { ...(JSON.parse(JSON.stringify(rest)) as tf.io.ModelArtifacts), weightData: weightData! };
}

/** The model that a file gives back, without any custom objects. */
export async function loadModel(artifacts: tf.io.ModelArtifacts): Promise<tf.LayersModel> {
  return tf.loadLayersModel(tf.io.fromMemory(artifacts));
}

/** A layer's outputs for given inputs, as a tensor. */
export function callLayer(layer: tf.layers.Layer, inputs: tf.Tensor | tf.Tensor[], training = false): tf.Tensor {
  return layer.apply(inputs, { training }) as tf.Tensor;
}

/** A layer with random weights, built for the inputs. */
export function built<L extends tf.layers.Layer>(layer: L, inputs: tf.Tensor | tf.Tensor[]): L {
  callLayer(layer, inputs);
  randomizeWeights(layer, 100);
  return layer;
}

/** A layer's weight by its own name, in float64. */
export async function weightValues(layer: tf.layers.Layer, name: string): Promise<Array64> {
  return values(weightOf(layer, name));
}

/** Element by element. */
export function map(array: Array64, change: (value: number) => number): Array64 {
  return array64(array.shape, (index) => change(array.data[index]!));
}

/**
 * A layer of `dataFormat: 'channelsFirst'` gives what the same layer gives without it, between transpositions.
 *
 * @param make the layer, from the option
 * @param x an image batch, channels last
 * @param rest inputs besides, which are no images
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

/** Fails unless the call throws the error with these words, in the form that all errors have. */
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

/** Runs layers one after another, each with the weights that it is handed by their own names. */
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

/** Copies of a layer's weights by their own names, as they are now. */
export function snapshot(layer: tf.layers.Layer): (...names: readonly string[]) => tf.Tensor[] {
  const copies = new Map(layer.weights.map((weight) => [weightName(weight), weight.read().clone()]));
  return (...names) => names.map((name) => copies.get(name)!);
}

/** Names of the weights of a batch normalisation, behind a prefix. */
export function normalizerNames(prefix: string): string[] {
  return ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `${prefix}_${name}`);
}
