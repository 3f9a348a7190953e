/** Imports ONNX files and compares the models with onnxruntime. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { exportOnnx } from '../../../src/interop/index.js';
import { Random } from '../../support/random.js';
import { differenceOf, runFile, type Runtime } from './onnx_runtimes.js';

const runtime = ort as unknown as Runtime;

/** Sizes of an image batch: n, c, h, w. */
export type Shape = readonly number[];

/** Makes the input of a file. */
export type MakeInput = (shape: Shape) => Float32Array;

/** Random input of a file. */
export function inputOf(shape: Shape, seed = 5): Float32Array {
  const random = new Random(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return Float32Array.from({ length: size }, () => 2 * random.next() - 1);
}

/** Input with dark strokes like those of letters on bright ground. */
export function strokesOf(shape: Shape): Float32Array {
  const [, , height, width] = shape as [number, number, number, number];
  return inputOf(shape).map((noise, index) => {
    const [row, column] = [Math.floor(index / width) % height, index % width];
    const isInside = row >= 20 && row < 44 && column >= 12 && column < width - 12;
    const isStroke = column % 8 < 3 || (row % 8 < 2 && Math.floor(column / 8) % 2 === 0);
    return (isInside && isStroke ? -2 : 2) + 0.1 * noise;
  });
}

/** A tensor in the order of the model: images channels last. */
function toModel(values: Float32Array, shape: Shape): tf.Tensor {
  const given = tf.tensor(values, [...shape]);
  return shape.length === 4 ? tf.transpose(given, [0, 2, 3, 1]) : given;
}

/** Values in the order of the file. */
function toFile(tensor: tf.Tensor): Float32Array {
  const ordered = tensor.rank === 4 ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
  return ordered.dataSync() as Float32Array;
}

/** Largest difference, relative to the largest value, of a model from its file on inputs of these shapes. */
export async function differenceFrom(
  file: Uint8Array,
  model: tf.LayersModel,
  shapes: readonly Shape[],
  input: string,
  make: MakeInput = inputOf,
): Promise<number> {
  const runs = shapes.map((shape) => [{ name: input, dtype: 'float32' as const, shape, values: make(shape) }]);
  const wanted = await runFile(runtime, file, runs);
  const differences = shapes.map((shape, run) =>
    tf.tidy(() => {
      const outputs = [model.predict(toModel(make(shape), shape))].flat();
      return Math.max(...outputs.map((output, index) => differenceOf(toFile(output), wanted[run]![index]!.values)));
    }),
  );
  return Math.max(...differences);
}

/** Largest difference of a model from the file that is exported from it. */
export async function differenceOfExport(
  model: tf.LayersModel,
  shape: Shape,
  make: MakeInput = inputOf,
): Promise<number> {
  const file = await exportOnnx(model);
  const x = tf.tidy(() => toModel(make(shape), shape));
  const run = {
    name: model.inputNames[0]!,
    dtype: 'float32' as const,
    shape: x.shape,
    values: x.dataSync() as Float32Array,
  };
  const [got] = await runFile(runtime, file, [[run]]);
  return tf.tidy(() => {
    const outputs = [model.predict(x)].flat();
    return Math.max(...outputs.map((output, index) => differenceOf(got![index]!.values, output.dataSync())));
  });
}

/** Losses of some steps of training towards random outputs on random inputs, and the names of weights that stayed as they were. */
export async function train(
  model: tf.LayersModel,
  shape: Shape,
  steps: number,
): Promise<{ losses: number[]; still: string[] }> {
  const x = tf.tidy(() => toModel(inputOf(shape), shape));
  const outputs = [model.predict(x)].flat();
  const wanted = outputs.map((output) => tf.randomUniform(output.shape, -1, 1, 'float32', 7));
  const before = model.trainableWeights.map((weight) => tf.clone(weight.read()));
  model.compile({ optimizer: tf.train.adam(1e-4), loss: 'meanSquaredError' });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    losses.push((await model.trainOnBatch(x, wanted.length === 1 ? wanted[0]! : wanted)) as number);
  }
  const still = model.trainableWeights.filter((weight, index) =>
    tf.tidy(() => tf.max(tf.abs(tf.sub(weight.read(), before[index]!))).dataSync()[0] === 0),
  );
  tf.dispose([x, outputs, wanted, before]);
  return { losses, still: still.map(({ originalName }) => originalName) };
}
