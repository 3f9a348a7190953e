/** Runs ONNX files, and compares their outputs with those of the model. */
import * as tf from '@tensorflow/tfjs';
import type { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { Random } from '../../support/random.js';

/** One named input or output. */
export interface NamedArray {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** Either package of onnxruntime. */
export interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array | string, options?: object): Promise<InferenceSession> };
  readonly Tensor: new (type: string, values: Float32Array | Int32Array, shape: readonly number[]) => RuntimeTensor;
}

/**
 * Runs a file on each list of inputs; returns all outputs.
 *
 * @param provider what runs it: both packages, loaded in one process, know the engines of each other
 */
export async function runFile(
  { InferenceSession, Tensor }: Runtime,
  file: Uint8Array | string,
  inputs: readonly (readonly NamedArray[])[],
  provider: 'cpu' | 'wasm' = 'cpu',
): Promise<NamedArray[][]> {
  const session = await InferenceSession.create(file, {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const results: NamedArray[][] = [];
  for (const arrays of inputs) {
    const feeds = Object.fromEntries(
      arrays.map(({ name, dtype, values, shape }) => [name, new Tensor(dtype, values, shape)]),
    );
    const outputs = await session.run(feeds);
    results.push(
      session.outputNames.map((name) => {
        const { data, dims } = outputs[name]!;
        return { name, dtype: 'float32', shape: dims, values: data as Float32Array };
      }),
    );
  }
  await session.release();
  return results;
}

/** Outputs of the model, under the names of its output layers. */
export function runModel(model: tf.LayersModel, inputs: readonly NamedArray[]): NamedArray[] {
  return tf.tidy(() => {
    const tensors = inputs.map(({ values, shape, dtype }) => tf.tensor(values, [...shape], dtype));
    const outputs = [model.apply(tensors.length === 1 ? tensors[0]! : tensors)].flat() as tf.Tensor[];
    return outputs.map((output, index) => ({
      name: model.outputNames[index]!,
      dtype: 'float32',
      shape: output.shape,
      values: output.dataSync() as Float32Array,
    }));
  });
}

/** Largest difference, relative to the largest absolute value of the output that has it. */
export function worstDifference(got: readonly NamedArray[], want: readonly NamedArray[]): number {
  const kindsOf = (arrays: readonly NamedArray[]): string =>
    arrays.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
  if (kindsOf(got) !== kindsOf(want)) throw new Error(`got ${kindsOf(got)} instead of ${kindsOf(want)}`);
  return Math.max(...want.map((array, index) => differenceOf(got[index]!.values, array.values)));
}

/** {@link worstDifference} of several runs. */
export function differenceOfRuns(
  got: readonly (readonly NamedArray[])[],
  want: readonly (readonly NamedArray[])[],
): number {
  return Math.max(...want.map((outputs, run) => worstDifference(got[run]!, outputs)));
}

/** Largest difference of two arrays relative to the largest absolute value of the second; NaN counts as infinite. */
export function differenceOf(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let [largest, worst] = [0, 0];
  for (let index = 0; index < want.length; index++) {
    largest = Math.max(largest, Math.abs(want[index]!));
    const distance = Math.abs(got[index]! - want[index]!);
    worst = Number.isNaN(distance) ? Infinity : Math.max(worst, distance);
  }
  return worst === 0 ? 0 : worst / largest;
}

/** Gives the weights random values: statistics of a trained network, offsets of some pixels. */
export function randomizeWeights(model: tf.LayersModel, seed = 1): void {
  const random = new Random(seed);
  tf.tidy(() => {
    model.setWeights(
      model.weights.map(({ originalName, shape }) => {
        const size = shape.reduce<number>((product, length) => product * length!, 1);
        const fanIn = Math.max(1, size / (shape.at(-1) ?? 1));
        const values = Float32Array.from({ length: size }, () => {
          if (/variance|gamma/.test(originalName)) return 0.5 + random.next();
          const spread = shape.length < 2 ? 0.5 : 2 / Math.sqrt(fanIn);
          return (2 * random.next() - 1) * spread;
        });
        return tf.tensor(values, shape as number[]);
      }),
    );
  });
}

/**
 * Inputs of a model, random unless they are given.
 *
 * @param shapes shapes of the inputs, batch first
 * @param given values by the name of the input
 */
export function inputsOf(
  model: tf.LayersModel,
  shapes: readonly (readonly number[])[],
  seed: number,
  given: Readonly<Record<string, ArrayLike<number>>> = {},
): NamedArray[] {
  const random = new Random(seed);
  return model.inputs.map(({ sourceLayer: { name }, dtype }, index) => {
    const shape = shapes[index]!;
    const size = shape.reduce((product, length) => product * length, 1);
    const values = given[name] ?? Array.from({ length: size }, () => 2 * random.next() - 1);
    return dtype === 'int32'
      ? { name, dtype: 'int32', shape, values: Int32Array.from(values) }
      : { name, dtype: 'float32', shape, values: Float32Array.from(values) };
  });
}
