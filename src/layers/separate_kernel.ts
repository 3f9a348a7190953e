/**
 * Factorisation of a convolution kernel into one part per axis, by the singular value decomposition of the kernel as a
 * matrix.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError } from '../errors.js';
import { singularValues } from './singular_values.js';

/** K[a, b, c, m] ≈ Σ_r first[a, c, r] · second[b, r, m], or with the axes swapped. */
export interface SeparatedKernel {
  readonly kernelSize: readonly [number, number];
  readonly inChannels: number;
  readonly filters: number;
  readonly rank: number;
  /** [taps of the first axis, inChannels, rank]. */
  readonly first: Float32Array;
  /** [taps of the second axis, rank, filters]. */
  readonly second: Float32Array;
  /** Norm of the residual over the norm of the kernel. */
  readonly loss: number;
  readonly singularValues: readonly number[];
}

const ACTION = 'factor a kernel';

/** Singular values below this fraction of the largest one are float32 rounding errors. */
const NEGLIGIBLE = 2 ** -22;

/** @param rank number of singular values to keep; by default all that are not rounding errors */
export async function separateKernel(
  kernel: unknown,
  horizontalFirst: boolean,
  rank: number | undefined,
): Promise<SeparatedKernel> {
  const { shape, data } = await readKernel(kernel);
  const [height, width, inChannels, filters] = shape;
  const [firstTaps, secondTaps] = horizontalFirst ? [width, height] : [height, width];
  const rows = firstTaps * inChannels;
  const columns = secondTaps * filters;
  const matrix = new Float64Array(rows * columns);
  data.forEach((value, index) => {
    const m = index % filters;
    const c = Math.floor(index / filters) % inChannels;
    const b = Math.floor(index / (filters * inChannels)) % width;
    const a = Math.floor(index / (filters * inChannels * width));
    const [along, across] = horizontalFirst ? [b, a] : [a, b];
    matrix[(along * inChannels + c) * columns + across * filters + m] = value;
  });
  const { values, left, right } = singularValues({ rows, columns, data: matrix });
  const ownRank = Math.max(1, values.filter((value) => value > NEGLIGIBLE * values[0]!).length);
  const kept = checkInteger(ACTION, 'rank', rank ?? ownRank, 1);
  if (kept > values.length) {
    throw rangeError(ACTION, `rank must be at most ${values.length} for a kernel of this shape`, 'rank', kept);
  }
  const norm = Math.hypot(...values);
  const first = new Float32Array(rows * kept);
  const second = new Float32Array(columns * kept);
  for (let r = 0; r < kept; r++) {
    const root = Math.sqrt(values[r]!);
    left[r]!.forEach((value, row) => (first[row * kept + r] = value * root));
    right[r]!.forEach((value, column) => {
      const [tap, m] = [Math.floor(column / filters), column % filters];
      second[(tap * kept + r) * filters + m] = value * root;
    });
  }
  return {
    kernelSize: [height, width],
    inChannels,
    filters,
    rank: kept,
    first,
    second,
    loss: norm === 0 ? 0 : Math.hypot(...values.slice(kept)) / norm,
    singularValues: values,
  };
}

type Shape4 = readonly [number, number, number, number];

async function readKernel(kernel: unknown): Promise<{ shape: Shape4; data: Float32Array }> {
  const rule = 'kernel must be an array of rows, or a tensor [kh, kw] or [kh, kw, inChannels, filters]';
  if (!(kernel instanceof tf.Tensor) && !Array.isArray(kernel)) throw typeError(ACTION, rule, 'kernel', kernel);
  const tensor = kernel instanceof tf.Tensor ? (kernel as tf.Tensor) : tf.tensor2d(kernel as number[][]);
  try {
    const { rank, size, shape, dtype } = tensor;
    if (dtype !== 'float32') throw typeError(ACTION, 'kernel must be float32', 'kernel.dtype', dtype);
    if ((rank !== 2 && rank !== 4) || size === 0) throw rangeError(ACTION, rule, 'kernel.shape', shape);
    const data = (await tensor.data()) as Float32Array;
    if (!data.every(Number.isFinite)) throw rangeError(ACTION, 'kernel must be finite', 'kernel', [...data]);
    const [height, width, inChannels = 1, filters = 1] = shape as [number, number, number?, number?];
    return { shape: [height, width, inChannels, filters], data };
  } finally {
    if (tensor !== kernel) tensor.dispose();
  }
}
