/** Comparison of a backend's values with float64 ones. The tolerance is always the caller's: tfjs's own is 0.1 on WebGL. */
import type * as tf from '@tensorflow/tfjs';
import { array64, unravel, type Array64 } from '../oracle/array64.js';

/** Where two arrays differ most. */
export interface Difference {
  /** [n, y, x, c] of the worst element. */
  readonly index: readonly number[];
  readonly got: number;
  readonly want: number;
  /** |got − want| over the larger of |want| and the root mean square of all finite wanted values. */
  readonly error: number;
}

/** The values of a tensor in float64. */
export function values(tensor: tf.Tensor): Array64 {
  const data = tensor.dataSync();
  return array64(tensor.shape, (index) => data[index]!);
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
export function expectClose(got: tf.Tensor | Array64, want: Array64, relative: number, name = 'value'): void {
  const array = 'dtype' in got ? values(got) : got;
  expect({ name, shape: array.shape }).toEqual({ name, shape: [...want.shape] });
  const worst = worstDifference(array, want);
  if (worst !== undefined && !(worst.error <= relative)) {
    const { index, got: value, want: wanted, error } = worst;
    throw new Error(
      `${name}[${index.join(', ')}] = ${value}, expected ${wanted}: relative error ${error.toExponential(2)} > ${relative}`,
    );
  }
}

/** Fails unless two tensors hold the same bits. */
export function expectSameBits(got: tf.Tensor, want: tf.Tensor, name = 'value'): void {
  expect({ name, shape: got.shape }).toEqual({ name, shape: want.shape });
  const bits = (tensor: tf.Tensor): Uint32Array => new Uint32Array(Float32Array.from(tensor.dataSync()).buffer);
  const [a, b] = [bits(got), bits(want)];
  const position = a.findIndex((word, index) => word !== b[index]);
  if (position >= 0) {
    const at = unravel(got.shape, position).join(', ');
    throw new Error(
      `${name}[${at}] = ${got.dataSync()[position]!}, expected the bits of ${want.dataSync()[position]!}`,
    );
  }
}
