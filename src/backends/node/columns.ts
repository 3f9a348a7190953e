/**
 * Convolutions with one group on tfjs-node as gather, matrix product and scatter: the wasm kernels gather and scatter
 * the columns, TensorFlow multiplies them, in the same memory. Used for deformable convolutions, and for plain ones
 * that TensorFlow does not support.
 */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { runWasm, type WasmCall } from '../wasm/adapter.js';
import { geometryFields } from '../wasm/geometry.js';
import { writeOperands, type Operands } from '../wasm/operands.js';
import { TensorFlow } from './adapter.js';

/** Number of floats in one tile of columns: 16 MiB. */
const TILE_FLOATS = 1 << 22;

/** Geometry of a convolution, plain or deformable. */
export interface ColumnGeometry extends ConvGeometry {
  /** Number of offset groups. @default 0, for a plain convolution */
  readonly offsetGroups?: number;
  /** True if samples have a mask. @default false */
  readonly modulated?: boolean;
}

/** Range of consecutive output positions. */
interface Tile {
  readonly first: number;
  readonly count: number;
}

/** One convolution on the heap: state shared by all tiles. */
class Columns {
  readonly positions: number;
  /** Length of a column: taps · input channels. */
  readonly length: number;
  readonly tiles: readonly Tile[];
  private readonly operands: number;
  private readonly columns: number;
  /** True if a sample of any tile so far lies outside the image. */
  private unread = false;

  constructor(
    g: ColumnGeometry,
    private readonly call: WasmCall,
    outputs: Partial<Operands> = {},
  ) {
    this.positions = g.batch * g.outHeight * g.outWidth;
    this.length = g.kernelHeight * g.kernelWidth * g.inChannels;
    // A multiple of 16 rows, so that every tile is aligned and TensorFlow does not copy it.
    const rows = Math.max(16, Math.floor(TILE_FLOATS / this.length) & ~15);
    this.tiles = Array.from({ length: Math.ceil(this.positions / rows) }, (_, index) => ({
      first: index * rows,
      count: Math.min(rows, this.positions - index * rows),
    }));
    const geometry = call.integers(geometryFields(g, g.offsetGroups ?? 0, true));
    const [x, offset, mask] = [call.input('x'), call.input('offset'), g.modulated === true ? call.input('mask') : 0];
    const most = Math.min(rows, this.positions);
    this.columns = call.scratch(most * this.length * 4);
    const scratch = call.scratch(call.exports.outerColumnsScratch(geometry, most));
    this.operands = writeOperands(call, { geometry, x, offset, mask, ...outputs, scratch });
  }

  gather({ first, count }: Tile): Float32Array {
    const { call, operands, columns } = this;
    if (call.exports.outerColumnsGather(operands, first, count, columns) === 1) this.unread = true;
    return call.floats(columns, count * this.length);
  }

  /**
   * Tests whether a product of these columns may be wrong: if a sample reads nothing, the 0 in its column times a NaN
   * or infinite factor gives NaN, although the factor must not count.
   */
  isSpoilt(tensorFlow: TensorFlow, product: tf.TensorInfo): boolean {
    return this.unread && tensorFlow.hasNaN(product);
  }

  scatter({ first, count }: Tile, values: Float32Array): void {
    const { call, operands, columns } = this;
    call.floats(columns, values.length).set(values);
    call.exports.outerColumnsScatter(operands, first, count, columns);
  }
}

/** y = columns · filter + bias; undefined if the product may be wrong, see {@link Columns.isSpoilt}. */
export function columnsForward(args: KernelArguments, g: ColumnGeometry): tf.Tensor | undefined {
  let y: tf.Tensor | undefined;
  runWasm(args, (call) => {
    const columns = new Columns(g, call);
    y = tf.tidy(() => {
      const tensorFlow = new TensorFlow(args);
      const filter = tensorFlow.reshape(tensorFlow.input('filter'), [columns.length, g.outChannels]);
      const parts: tf.Tensor[] = [];
      for (const tile of columns.tiles) {
        const part = tensorFlow.borrow(columns.gather(tile), [tile.count, columns.length], (a) =>
          tensorFlow.matMul(a, filter, false, false),
        );
        if (columns.isSpoilt(tensorFlow, part)) return undefined;
        parts.push(part);
      }
      const rows = tensorFlow.biased(parts.length === 1 ? parts[0]! : tf.concat(parts), args.inputs['bias']);
      return tensorFlow.reshape(rows, [g.batch, g.outHeight, g.outWidth, g.outChannels]);
    });
  });
  return y;
}

/** Computes dx and, for a deformable convolution, doffset and (if there is a mask) dmask. */
export function columnsBackwardData(args: KernelArguments, g: ColumnGeometry): tf.TensorInfo[] {
  const samples = (g.offsetGroups ?? 0) * g.kernelHeight * g.kernelWidth;
  return runWasm(args, (call) => {
    const dx = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
    const doffset = samples > 0 ? call.output([g.batch, g.outHeight, g.outWidth, samples * 2]) : 0;
    const dmask = g.modulated === true ? call.output([g.batch, g.outHeight, g.outWidth, samples]) : 0;
    const columns = new Columns(g, call, { dx, doffset, dmask });
    tf.tidy(() => {
      const tensorFlow = new TensorFlow(args);
      const filter = tensorFlow.reshape(tensorFlow.input('filter'), [columns.length, g.outChannels]);
      const dy = tensorFlow.reshape(tensorFlow.input('dy'), [columns.positions, g.outChannels]);
      for (const tile of columns.tiles) {
        tf.tidy(() => {
          const product = tensorFlow.matMul(rowsOf(dy, tile, columns.positions), filter, false, true);
          columns.scatter(tile, tensorFlow.read(product));
        });
      }
    });
  });
}

/** dfilter = columnsᵀ · dy; undefined as for {@link columnsForward}. */
export function columnsBackwardFilter(args: KernelArguments, g: ColumnGeometry): tf.Tensor | undefined {
  let dfilter: tf.Tensor | undefined;
  runWasm(args, (call) => {
    const columns = new Columns(g, call);
    dfilter = tf.tidy(() => {
      const tensorFlow = new TensorFlow(args);
      const dy = tensorFlow.reshape(tensorFlow.input('dy'), [columns.positions, g.outChannels]);
      const parts = columns.tiles.map((tile) =>
        tensorFlow.borrow(columns.gather(tile), [tile.count, columns.length], (a) =>
          tensorFlow.matMul(a, rowsOf(dy, tile, columns.positions), true, false),
        ),
      );
      const sum = parts.length === 1 ? parts[0]! : tf.addN(parts);
      if (columns.isSpoilt(tensorFlow, sum)) return undefined;
      return tensorFlow.reshape(sum, [g.kernelHeight, g.kernelWidth, g.inChannels, g.outChannels]);
    });
  });
  return dfilter;
}

/** Returns the rows of a tile, or the matrix itself if there is only one tile. */
function rowsOf(matrix: tf.Tensor, { first, count }: Tile, positions: number): tf.Tensor {
  return count === positions ? matrix : tf.slice(matrix, [first, 0], [count, matrix.shape[1]!]);
}
