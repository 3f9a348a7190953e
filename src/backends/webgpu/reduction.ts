/**
 * Sums over the rows of a matrix, as a tree reduction: every level adds blocks of rows, which keeps the sums accurate.
 */
import type * as tf from '@tensorflow/tfjs';
import { dispose, type Shader, type Uniforms, type WebGPUHost } from './adapter.js';
import { elementwise, mapElements } from './elements.js';

/** Rows that one thread adds. */
const BLOCK = 64;

/** Makes a shader for {@link sumTerms} from the code of `fn term(row : i32, column : i32) -> f32`. */
export function reduction(shader: Shader): Shader {
  return elementwise({
    ...shader,
    integers: [...shader.integers, 'rows', 'columns', 'block'],
    code: `${shader.code}
      fn element(i : i32) {
        let first = (i / uniforms.columns) * uniforms.block;
        let column = i % uniforms.columns;
        var sum = 0.0;
        for (var row = first; row < min(first + uniforms.block, uniforms.rows); row++) {
          sum += term(row, column);
        }
        result[i] = sum;
      }`,
  });
}

const SUM = reduction({
  key: 'sum',
  inputs: ['source'],
  integers: [],
  floats: ['factor'],
  code: `
    fn term(row : i32, column : i32) -> f32 {
      return uniforms.factor * source[row * uniforms.columns + column];
    }`,
});

/** Computes `factor` times the sum of `term(row, column)` over all rows (at least one), for each column. */
export function sumTerms(
  host: WebGPUHost,
  shader: Shader,
  inputs: readonly tf.TensorInfo[],
  rows: number,
  columns: number,
  uniforms: Uniforms = {},
  factor = 1,
): tf.TensorInfo {
  const blocks = sumBlocks(host, shader, inputs, rows, columns, uniforms);
  return sumRows(host, blocks, Math.ceil(rows / BLOCK), columns, factor);
}

/** Computes `factor` times the sum over the rows of a matrix [rows, columns], and disposes the matrix. */
export function sumRows(
  host: WebGPUHost,
  matrix: tf.TensorInfo,
  rows: number,
  columns: number,
  factor = 1,
): tf.TensorInfo {
  let sums = matrix;
  let left = rows;
  // A single row is summed too, so that the first call compiles everything that later calls need.
  do {
    const next = sumBlocks(host, SUM, [sums], left, columns, { factor: left <= BLOCK ? factor : 1 });
    dispose(host, sums);
    sums = next;
    left = Math.ceil(left / BLOCK);
  } while (left > 1);
  return { ...sums, shape: [columns] };
}

/** Number of threads that keeps a device busy. */
const ENOUGH = 2 ** 16;

/** Minimum number of terms per thread. */
const LEAST_TERMS = 64;

/** Number of terms that each thread should add, for `columns` sums of `terms` each. */
export function termsPerThread(terms: number, columns: number): number {
  return Math.max(Math.ceil((terms * columns) / ENOUGH), LEAST_TERMS);
}

function sumBlocks(
  host: WebGPUHost,
  shader: Shader,
  inputs: readonly tf.TensorInfo[],
  rows: number,
  columns: number,
  uniforms: Uniforms = {},
): tf.TensorInfo {
  const blocks = Math.ceil(rows / BLOCK);
  return mapElements(host, shader, inputs, [blocks, columns], { ...uniforms, rows, columns, block: BLOCK });
}
