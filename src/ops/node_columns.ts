/**
 * Convolutions of one group on tfjs-node as gather, product and scatter: the columns are gathered and scattered by the wasm
 * kernels and multiplied by TensorFlow, on the same memory. For the deformable convolution, and where TensorFlow refuses
 * a plain one.
 */
import * as tf from '@tensorflow/tfjs';
import { geometryFields } from '../wasm/geometry.js';
import type { KernelArguments } from './cpu_backend.js';
import type { DeformGeometry } from './deform_conv2d/names.js';
import { TensorFlow } from './node_backend.js';
import { runWasm, type WasmCall } from './wasm_backend.js';

/** Floats of columns that are made at a time: 16 MiB. */
const TILE_FLOATS = 1 << 22;

/** A plain convolution has no offset groups. */
export type ColumnGeometry = Omit<DeformGeometry, 'modulated' | 'offsetGroups'> &
  Partial<Pick<DeformGeometry, 'modulated' | 'offsetGroups'>>;

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

  /** The columns of a tile, and whether an offset was NaN or infinite, so that its samples must not count at all. */
  gather({ first, count }: Tile): { readonly values: Float32Array; readonly broken: boolean } {
    const { call, geometry, operands, columns, scratch } = this;
    const broken = call.exports.outerColumnsGather(geometry, ...operands, first, count, columns, scratch) === 1;
    return { values: call.floats(columns, count * this.length), broken };
  }

  scatter({ first, count }: Tile, values: Float32Array, outputs: readonly [number, number, number]): void {
    const { call, geometry, operands, columns, scratch } = this;
    call.floats(columns, values.length).set(values);
    call.exports.outerColumnsScatter(geometry, ...operands, first, count, columns, ...outputs, scratch);
  }
}

/** y = columns · filter + bias; undefined where an offset was NaN or infinite, which a product cannot leave out. */
export function columnsForward(args: KernelArguments, g: ColumnGeometry): tf.Tensor | undefined {
  let y: tf.Tensor | undefined;
  runWasm(args, (call) => {
    const columns = new Columns(g, call);
    y = tf.tidy(() => {
      const tensorFlow = new TensorFlow(args);
      const filter = tensorFlow.reshape(tensorFlow.input('filter'), [columns.length, g.outChannels]);
      const parts: tf.Tensor[] = [];
      for (const tile of columns.tiles) {
        const { values, broken } = columns.gather(tile);
        if (broken) return undefined;
        parts.push(
          tensorFlow.borrow(values, [tile.count, columns.length], (a) => tensorFlow.matMul(a, filter, false, false)),
        );
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

/** dfilter = columnsᵀ · dy. */
export function columnsBackwardFilter(args: KernelArguments, g: ColumnGeometry): tf.Tensor {
  let dfilter: tf.Tensor | undefined;
  runWasm(args, (call) => {
    const columns = new Columns(g, call);
    dfilter = tf.tidy(() => {
      const tensorFlow = new TensorFlow(args);
      const dy = tensorFlow.reshape(tensorFlow.input('dy'), [columns.positions, g.outChannels]);
      const parts = columns.tiles.map((tile) =>
        tensorFlow.borrow(columns.gather(tile).values, [tile.count, columns.length], (a) =>
          tensorFlow.matMul(a, rowsOf(dy, tile, columns.positions), true, false),
        ),
      );
      const sum = parts.length === 1 ? parts[0]! : tf.addN(parts);
      return tensorFlow.reshape(sum, [g.kernelHeight, g.kernelWidth, g.inChannels, g.outChannels]);
    });
  });
  return dfilter!;
}

/** The rows of a tile, or the matrix itself where one tile is all. */
function rowsOf(matrix: tf.Tensor, { first, count }: Tile, positions: number): tf.Tensor {
  return count === positions ? matrix : tf.slice(matrix, [first, 0], [count, matrix.shape[1]!]);
}
