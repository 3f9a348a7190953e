/**
 * Convolutions of one group on tfjs-node as gather, product and scatter: the columns are gathered and scattered by the wasm
 * kernels and multiplied by TensorFlow, on the same memory. For the deformable convolution, and where TensorFlow refuses
 * a plain one.
 */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { runWasm, type WasmCall } from '../wasm/adapter.js';
import { geometryFields } from '../wasm/geometry.js';
import { TensorFlow } from './adapter.js';

/** Floats of columns that are made at a time: 16 MiB. */
const TILE_FLOATS = 1 << 22;

/** Geometry of a convolution, plain or deformable. */
export interface ColumnGeometry extends ConvGeometry {
  /** Parts of the input channels with offsets of their own. @default 0, for a plain convolution */
  readonly offsetGroups?: number;
  /** Whether samples have a mask. @default false */
  readonly modulated?: boolean;
}

/** Some output positions in a row. */
interface Tile {
  readonly first: number;
  readonly count: number;
}

/** One convolution on the heap: what all tiles share. */
class Columns {
  readonly positions: number;
  /** Length of a column: taps · input channels. */
  readonly length: number;
  readonly tiles: readonly Tile[];
  private readonly geometry: number;
  private readonly operands: readonly number[];
  private readonly columns: number;
  private readonly scratch: number;
  /** Whether a sample of the tiles so far reads nothing. */
  private unread = false;

  constructor(
    g: ColumnGeometry,
    private readonly call: WasmCall,
  ) {
    this.positions = g.batch * g.outHeight * g.outWidth;
    this.length = g.kernelHeight * g.kernelWidth * g.inChannels;
    // A multiple of 16 rows, so that every tile starts where TensorFlow takes it without a copy.
    const rows = Math.max(16, Math.floor(TILE_FLOATS / this.length) & ~15);
    this.tiles = Array.from({ length: Math.ceil(this.positions / rows) }, (_, index) => ({
      first: index * rows,
      count: Math.min(rows, this.positions - index * rows),
    }));
    this.geometry = call.integers(geometryFields(g, g.offsetGroups ?? 0, true));
    this.operands = [call.input('x'), call.input('offset'), g.modulated === true ? call.input('mask') : 0];
    const most = Math.min(rows, this.positions);
    this.columns = call.scratch(most * this.length * 4);
    this.scratch = call.scratch(call.exports.outerColumnsScratch(this.geometry, most));
  }

  gather({ first, count }: Tile): Float32Array {
    const { call, geometry, operands, columns, scratch } = this;
    if (call.exports.outerColumnsGather(geometry, ...operands, first, count, columns, scratch) === 1) {
      this.unread = true;
    }
    return call.floats(columns, count * this.length);
  }

  /**
   * Whether a product of these columns may be wrong: where a sample reads nothing, the 0 in its column makes a NaN of a NaN
   * or infinite factor, which must not count at all.
   */
  isSpoilt(tensorFlow: TensorFlow, product: tf.TensorInfo): boolean {
    return this.unread && tensorFlow.hasNaN(product);
  }

  scatter({ first, count }: Tile, values: Float32Array, outputs: readonly [number, number, number]): void {
    const { call, geometry, operands, columns, scratch } = this;
    call.floats(columns, values.length).set(values);
    call.exports.outerColumnsScatter(geometry, ...operands, first, count, columns, ...outputs, scratch);
  }
}

/** y = columns · filter + bias; undefined where a sample that reads nothing would count, see {@link Columns.isSpoilt}. */
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

/** dx and, for a deformable convolution, doffset and (where there is a mask) dmask. */
export function columnsBackwardData(args: KernelArguments, g: ColumnGeometry): tf.TensorInfo[] {
  const samples = (g.offsetGroups ?? 0) * g.kernelHeight * g.kernelWidth;
  return runWasm(args, (call) => {
    const columns = new Columns(g, call);
    const dx = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
    const doffset = samples > 0 ? call.output([g.batch, g.outHeight, g.outWidth, samples * 2]) : 0;
    const dmask = g.modulated === true ? call.output([g.batch, g.outHeight, g.outWidth, samples]) : 0;
    tf.tidy(() => {
      const tensorFlow = new TensorFlow(args);
      const filter = tensorFlow.reshape(tensorFlow.input('filter'), [columns.length, g.outChannels]);
      const dy = tensorFlow.reshape(tensorFlow.input('dy'), [columns.positions, g.outChannels]);
      for (const tile of columns.tiles) {
        tf.tidy(() => {
          const product = tensorFlow.matMul(rowsOf(dy, tile, columns.positions), filter, false, true);
          columns.scatter(tile, tensorFlow.read(product), [dx, doffset, dmask]);
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

/** The rows of a tile, or the matrix itself where one tile is all. */
function rowsOf(matrix: tf.Tensor, { first, count }: Tile, positions: number): tf.Tensor {
  return count === positions ? matrix : tf.slice(matrix, [first, 0], [count, matrix.shape[1]!]);
}
