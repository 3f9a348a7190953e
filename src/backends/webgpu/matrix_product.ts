/**
 * A tiled matrix product whose operands are never stored: each workgroup gathers a tile of the left one (columns of an
 * image, samples, gradients) and of the right one into workgroup memory and multiplies them there. Slices (channel
 * groups, chunks of a long inner dimension) are independent products of the same size.
 *
 * Taps outside the image must not contribute, not even when multiplied by a NaN weight. Unread elements of the left
 * operand are stored as −0, which elements that are read never are, and count as 0 for free; a workgroup tests each
 * element for this mark only after the first right value that is not finite.
 */
import type * as tf from '@tensorflow/tfjs';
import { run, workgroupLimit, type Shader, type Uniforms, type WebGPUHost } from './adapter.js';

/** Rows and columns of a tile. Each of the 64 threads sums 4 × 4 elements of it. */
export const TILE = 32;

/** Depth of a tile. */
export const TILE_DEPTH = 16;

/**
 * Loads left elements into a tile with two threads per row, eight elements in depth each. The shader defines
 * `openRow(row)`, `openDepth(depth)`, and `readLeft() -> u32`, which returns the elements of that row, starting at that
 * depth.
 */
export const LEFT_BY_ROWS = `
  fn openLeft(firstRow : i32) {
    openRow(firstRow + i32(localIndex) / 2);
  }
  fn loadLeft(firstRow : i32, firstDepth : i32) {
    let row = i32(localIndex) / 2;
    let depth = (i32(localIndex) % 2) * 8;
    openDepth(firstDepth + depth);
    for (var i = 0; i < 8; i++) {
      left[(depth + i) * ${TILE} + row] = readLeft();
    }
  }`;

/**
 * The same for operands whose rows are adjacent in memory: four threads per depth, eight rows each. `readLeft()`
 * returns the elements of that depth, starting at that row.
 */
export const LEFT_BY_DEPTH = `
  fn openLeft(firstRow : i32) {
  }
  fn loadLeft(firstRow : i32, firstDepth : i32) {
    let depth = i32(localIndex) / 4;
    let row = (i32(localIndex) % 4) * 8;
    openDepth(firstDepth + depth);
    openRow(firstRow + row);
    for (var i = 0; i < 8; i++) {
      left[depth * ${TILE} + row + i] = readLeft();
    }
  }`;

/** Size of a product: slices of [rows, depth] · [depth, columns]. */
export interface ProductSize {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/**
 * Makes a shader for {@link runProduct}. Its code defines `openSlice(slice : i32, firstRow : i32)`, called at the start
 * of a tile; LEFT_BY_ROWS or LEFT_BY_DEPTH with the functions that they need; `openRight(depth : i32)` and
 * `readRight(column : i32) -> f32` for the elements at that depth; and `store(slice : i32, row : i32, column : i32, sum
 * : f32)`. None may form an index from a row, column or depth that is out of range; the values returned there do not
 * matter, except beyond the depth, where the right value must be 0 and the left finite.
 */
export function matrixProduct(shader: Shader): Shader {
  return {
    ...shader,
    integers: [...shader.integers, 'slices', 'rows', 'columns', 'depth', 'rowTiles', 'columnTiles', 'passes'],
    code: `
      const UNREAD = 0x80000000u;
      var<workgroup> left : array<u32, ${TILE_DEPTH * TILE}>;
      var<workgroup> right : array<vec4<f32>, ${(TILE_DEPTH * TILE) / 4}>;
      var<workgroup> unsound : atomic<u32>;

      // A left element that was read: never −0.
      fn taken(value : f32) -> u32 {
        return select(bitcast<u32>(value), 0u, value == 0.0);
      }
      ${shader.code}
      fn loadRight(firstColumn : i32, firstDepth : i32) {
        let depth = i32(localIndex) / 4;
        let column = (i32(localIndex) % 4) * 8;
        openRight(firstDepth + depth);
        for (var i = 0; i < 8; i += 4) {
          let at = firstColumn + column + i;
          let values = vec4<f32>(readRight(at), readRight(at + 1), readRight(at + 2), readRight(at + 3));
          if (any((bitcast<vec4<u32>>(values) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u))) {
            atomicStore(&unsound, 1u);
          }
          right[(depth * ${TILE} + column + i) / 4] = values;
        }
      }
      fn times(bits : u32, values : vec4<f32>) -> vec4<f32> {
        return bitcast<f32>(bits) * values;
      }
      fn timesRead(bits : u32, values : vec4<f32>) -> vec4<f32> {
        return select(times(bits, values), vec4<f32>(0.0), bits == UNREAD);
      }
      fn main(thread : i32) {
        let firstOfThread = (i32(localIndex) / 8) * 4;
        let columnOfThread = i32(localIndex) % 8;
        for (var turn = 0; turn < uniforms.passes; turn++) {
          let tile = i32(workgroupId.x) + turn * i32(numWorkgroups.x);
          let firstColumn = (tile % uniforms.columnTiles) * ${TILE};
          let firstRow = ((tile / uniforms.columnTiles) % uniforms.rowTiles) * ${TILE};
          let slice = tile / (uniforms.columnTiles * uniforms.rowTiles);
          openSlice(slice, firstRow);
          openLeft(firstRow);
          var sum0 = vec4<f32>(0.0);
          var sum1 = vec4<f32>(0.0);
          var sum2 = vec4<f32>(0.0);
          var sum3 = vec4<f32>(0.0);
          for (var firstDepth = 0; firstDepth < uniforms.depth; firstDepth += ${TILE_DEPTH}) {
            loadLeft(firstRow, firstDepth);
            loadRight(firstColumn, firstDepth);
            workgroupBarrier();
            if (atomicLoad(&unsound) == 0u) {
              for (var d = 0; d < ${TILE_DEPTH}; d++) {
                let values = right[d * ${TILE / 4} + columnOfThread];
                let at = d * ${TILE} + firstOfThread;
                sum0 += times(left[at], values);
                sum1 += times(left[at + 1], values);
                sum2 += times(left[at + 2], values);
                sum3 += times(left[at + 3], values);
              }
            } else {
              for (var d = 0; d < ${TILE_DEPTH}; d++) {
                let values = right[d * ${TILE / 4} + columnOfThread];
                let at = d * ${TILE} + firstOfThread;
                sum0 += timesRead(left[at], values);
                sum1 += timesRead(left[at + 1], values);
                sum2 += timesRead(left[at + 2], values);
                sum3 += timesRead(left[at + 3], values);
              }
            }
            workgroupBarrier();
          }
          var sums = array<vec4<f32>, 4>(sum0, sum1, sum2, sum3);
          for (var i = 0; i < 4; i++) {
            let row = firstRow + firstOfThread + i;
            for (var j = 0; j < 4; j++) {
              let column = firstColumn + columnOfThread * 4 + j;
              if (slice < uniforms.slices && row < uniforms.rows && column < uniforms.columns) {
                store(slice, row, column, sums[i][j]);
              }
            }
          }
        }
      }`,
  };
}

/** Runs a matrix product with one workgroup per tile, in several passes if there are more tiles than allowed. */
export function runProduct(
  host: WebGPUHost,
  shader: Shader,
  inputs: readonly tf.TensorInfo[],
  output: tf.TensorInfo,
  size: ProductSize,
  uniforms: Uniforms,
): void {
  const { slices, rows, columns } = size;
  const rowTiles = Math.ceil(rows / TILE);
  const columnTiles = Math.ceil(columns / TILE);
  const tiles = slices * rowTiles * columnTiles;
  const workgroups = Math.min(tiles, workgroupLimit(host));
  const passes = Math.ceil(tiles / workgroups);
  run(host, shader, {
    inputs,
    output,
    uniforms: { ...uniforms, ...size, rowTiles, columnTiles, passes },
    workgroups,
  });
}
