/**
 * The two matrix products of a convolution with its columns (columns.ts): y = columns · filter, and dfilter = columnsᵀ
 * · dy. Plain and deformable convolutions differ only in the columns.
 */
import type * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { Precision } from '../../kernel/half.js';
import { sizeOf } from '../../kernel/sizes.js';
import { allocate, zeros, type Shader, type Uniforms, type WebGPUHost } from './adapter.js';
import { positionsOf, tapsOf } from './geometry.js';
import { activating, halvesOf, PACKING, reading } from './halves.js';
import {
  LEFT_BY_DEPTH,
  LEFT_BY_ROWS,
  matrixProduct,
  pairing,
  runProduct,
  TILE_DEPTH,
  tilesOf,
  type Product,
} from './matrix_product.js';
import { sumRows } from './reduction.js';

/** The forward product, with and without a bias. */
export interface ColumnsProduct {
  readonly plain: Product;
  readonly biased: Product;
}

/** Form of the forward product. */
export interface ProductForm {
  readonly bias: boolean;
  /** Precision of the filter. @default 'single' */
  readonly weights?: Precision;
  /** Precision of the result; in half, the channels of a group must be even in number. @default 'single' */
  readonly result?: Precision;
}

/**
 * Makes the shaders for y = activation(columns · filter + bias), from one that defines `group`, `openPosition`,
 * `openColumn` and `readColumn`. Its key must tell its precisions apart.
 */
export function forwardProduct(columns: Shader, form: ProductForm): Product {
  const { bias, weights = 'single', result = 'single' } = form;
  const names = [
    bias ? 'bias' : 'plain',
    ...(weights === 'half' ? ['half'] : []),
    ...(result === 'half' ? ['packed'] : []),
  ];
  const halves = [...(columns.halves ?? []), ...halvesOf({ weights, result })];
  const shader: Shader = {
    ...columns,
    key: `${columns.key}/forward/${names.join('/')}`,
    inputs: [...columns.inputs, 'weights', ...(bias ? ['bias'] : [])],
    integers: [...columns.integers, 'activation'],
    halves,
    code: `${columns.code}
      ${reading('weights', 1, weights)}
      ${activating(1)}
      ${result === 'half' ? PACKING : ''}
      var<private> rightAt : i32;
      fn openSlice(slice : i32, firstRow : i32) {
        group = slice;
      }
      fn openRow(row : i32) {
        openPosition(row);
      }
      fn openDepth(depth : i32) {
        openColumn(depth);
      }
      fn readLeft() -> u32 {
        return readColumn();
      }
      ${LEFT_BY_ROWS}
      fn openRight(depth : i32) {
        rightAt = select(-1, depth * uniforms.outChannels + group * uniforms.groupOut, depth < uniforms.depth);
      }
      fn readRight(column : i32) -> f32 {
        if (rightAt < 0 || column >= uniforms.columns) {
          return 0.0;
        }
        return weightsAt(rightAt + column);
      }
      fn finished(sum : f32, c : i32) -> f32 {
        return activated(sum${bias ? ' + bias[c]' : ''});
      }
      ${STORES[result]}`,
  };
  return result === 'half' ? matrixProduct(shader, pairing()) : matrixProduct(shader);
}

const STORES = {
  single: `
    fn store(slice : i32, row : i32, column : i32, sum : f32) {
      let c = slice * uniforms.groupOut + column;
      result[row * uniforms.outChannels + c] = finished(sum, c);
    }`,
  half: `
    fn storePair(slice : i32, row : i32, column : i32, sums : vec2<f32>) {
      let c = slice * uniforms.groupOut + column;
      let pair = vec2<f32>(finished(sums.x, c), finished(sums.y, c + 1));
      result[(row * uniforms.outChannels + c) / 2] = pairOf(pair);
    }`,
} as const satisfies Readonly<Record<Precision, string>>;

/** Makes the shaders for y = activation(columns · filter + bias) in single precision. */
export function columnsProduct(columns: Shader): ColumnsProduct {
  return { plain: forwardProduct(columns, { bias: false }), biased: forwardProduct(columns, { bias: true }) };
}

/**
 * Makes the shader for dfilter = columnsᵀ · dy, one chunk of positions per slice, from one as for {@link
 * columnsProduct}.
 */
export function filterProduct(columns: Shader): Product {
  return matrixProduct({
    ...columns,
    key: `${columns.key}/filter`,
    inputs: [...columns.inputs, 'dy'],
    code: `${columns.code}
      var<private> firstPosition : i32;
      var<private> rightAt : i32;
      fn openSlice(slice : i32, firstRow : i32) {
        group = slice % uniforms.groups;
        firstPosition = (slice / uniforms.groups) * uniforms.depth;
      }
      fn openRow(row : i32) {
        openColumn(row);
      }
      fn openDepth(depth : i32) {
        openPosition(firstPosition + depth);
      }
      fn readLeft() -> u32 {
        return readColumn();
      }
      ${LEFT_BY_DEPTH}
      fn openRight(depth : i32) {
        let position = firstPosition + depth;
        let at = position * uniforms.outChannels + group * uniforms.groupOut;
        rightAt = select(-1, at, position < uniforms.positions);
      }
      fn readRight(column : i32) -> f32 {
        if (rightAt < 0 || column >= uniforms.columns) {
          return 0.0;
        }
        return dy[rightAt + column];
      }
      fn store(slice : i32, row : i32, column : i32, sum : f32) {
        let c = (slice % uniforms.groups) * uniforms.groupOut + column;
        result[((slice / uniforms.groups) * uniforms.rows + row) * uniforms.outChannels + c] = sum;
      }`,
  });
}

/** Runs the forward product in single precision. `inputs` are the tensors that the columns read. */
export function runColumnsProduct(
  host: WebGPUHost,
  { plain, biased }: ColumnsProduct,
  inputs: readonly tf.TensorInfo[],
  filter: tf.TensorInfo,
  bias: tf.TensorInfo | undefined,
  g: ConvGeometry,
  uniforms: Uniforms,
): tf.TensorInfo {
  const y = allocate(host, [g.batch, g.outHeight, g.outWidth, g.outChannels]);
  const operands = [...inputs, filter, ...(bias === undefined ? [] : [bias])];
  runForwardProduct(host, bias === undefined ? plain : biased, operands, y, g, uniforms);
  return y;
}

/** Runs a forward product on the tensors that its columns read, the filter and the bias, if there is one. */
export function runForwardProduct(
  host: WebGPUHost,
  product: Product,
  operands: readonly tf.TensorInfo[],
  y: tf.TensorInfo,
  g: ConvGeometry,
  uniforms: Uniforms,
): void {
  if (sizeOf(y.shape) === 0) return;
  const size = {
    slices: g.groups,
    rows: positionsOf(g),
    columns: g.outChannels / g.groups,
    depth: (tapsOf(g) * g.inChannels) / g.groups,
  };
  runProduct(host, product, operands, y, size, uniforms);
}

/** Number of workgroups that keeps a device busy. */
const ENOUGH = 1024;

/** Minimum number of positions in a chunk. */
const LEAST_POSITIONS = 256;

/** Maximum number of floats in the partial sums of all chunks. */
const MOST_SUMS = 2 ** 23;

/** Runs the product for the filter gradient. `inputs` are the tensors that the columns read. */
export function runFilterProduct(
  host: WebGPUHost,
  filter: Product,
  inputs: readonly tf.TensorInfo[],
  dy: tf.TensorInfo,
  g: ConvGeometry,
  uniforms: Uniforms,
): tf.TensorInfo {
  const shape = [g.kernelHeight, g.kernelWidth, g.inChannels / g.groups, g.outChannels];
  const size = sizeOf(shape);
  const positions = positionsOf(g);
  if (size === 0 || positions === 0) return zeros(host, shape);
  const rows = (tapsOf(g) * g.inChannels) / g.groups;
  const columns = g.outChannels / g.groups;
  const { rowTiles, columnTiles } = tilesOf({ rows, columns });
  const tiles = g.groups * rowTiles * columnTiles;
  // A filter is small and the positions are many: chunks of positions are summed in parallel, and the partial sums
  // added.
  const most = Math.max(Math.min(Math.ceil(positions / LEAST_POSITIONS), Math.floor(MOST_SUMS / size)), 1);
  const wanted = Math.min(Math.ceil(ENOUGH / tiles), most);
  const depth = Math.ceil(positions / wanted / TILE_DEPTH) * TILE_DEPTH;
  const chunks = Math.ceil(positions / depth);
  const sums = allocate(host, [chunks, size]);
  const product = { slices: chunks * g.groups, rows, columns, depth };
  runProduct(host, filter, [...inputs, dy], sums, product, uniforms);
  return { ...sumRows(host, sums, chunks, size), shape };
}
