/**
 * Comparison of a backend's values with float64 ones. The caller always gives the tolerance: the default of
 * TensorFlow.js is 0.1 on WebGL.
 */
import type * as tf from '@tensorflow/tfjs';
import { array64, unravel, type Array64 } from '../oracle/array64.js';

/** Largest difference between two arrays. */
export interface Difference {
  /** [n, y, x, c] of the worst element. */
  readonly index: readonly number[];
  readonly got: number;
  readonly want: number;
  /** |got − want| over the larger of |want| and the root mean square of all finite expected values. */
  readonly error: number;
}

/** Reads the values of a tensor in float64. */
export async function values(tensor: tf.Tensor): Promise<Array64> {
  const data = await tensor.data();
  return array64(tensor.shape, (index) => data[index]!);
}

async function valuesOf(array: tf.Tensor | Array64): Promise<Array64> {
  return 'dtype' in array ? values(array) : array;
}

/** The element with the largest error; a NaN or infinity matches only itself. `undefined` for empty arrays. */
export function worstDifference(got: Array64, want: Array64): Difference | undefined {
  const finite = want.data.filter(Number.isFinite);
  const rms = Math.sqrt(finite.reduce((sum, value) => sum + value * value, 0) / Math.max(finite.length, 1));
  let worst: Difference | undefined;
  want.data.forEach((wanted, position) => {
    const value = got.data[position]!;
    const distance = Object.is(value, wanted) || value === wanted ? 0 : Math.abs(value - wanted);
    const ratio = distance === 0 ? 0 : distance / Math.max(Math.abs(wanted), rms);
    const error = Number.isNaN(ratio) ? Infinity : ratio;
    if (worst === undefined || error > worst.error) {
      worst = { index: unravel(want.shape, position), got: value, want: wanted, error };
    }
  });
  return worst;
}

/** Fails unless shape and values agree within the relative tolerance. */
export async function expectClose(
  got: tf.Tensor | Array64,
  want: tf.Tensor | Array64,
  relative: number,
  name = 'value',
): Promise<void> {
  const [array, wanted] = [await valuesOf(got), await valuesOf(want)];
  expect({ name, shape: array.shape }).toEqual({ name, shape: [...wanted.shape] });
  const worst = worstDifference(array, wanted);
  if (worst !== undefined && !(worst.error <= relative)) {
    const { index, got: value, want: expected, error } = worst;
    throw new Error(
      `${name}[${index.join(', ')}] = ${value}, expected ${expected}: relative error ${error.toExponential(2)} > ${relative}`,
    );
  }
}

/** Fails unless two tensors hold the same bits. */
export async function expectSameBits(got: tf.Tensor, want: tf.Tensor, name = 'value'): Promise<void> {
  expect({ name, shape: got.shape }).toEqual({ name, shape: want.shape });
  const [a, b] = [Float32Array.from(await got.data()), Float32Array.from(await want.data())];
  const wanted = new Uint32Array(b.buffer);
  const position = new Uint32Array(a.buffer).findIndex((word, index) => word !== wanted[index]);
  if (position >= 0) {
    const at = unravel(got.shape, position).join(', ');
    throw new Error(`${name}[${at}] = ${a[position]!}, expected the bits of ${b[position]!}`);
  }
}
