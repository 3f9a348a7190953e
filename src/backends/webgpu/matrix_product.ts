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

/** Rows of a tile. */
export const TILE = 32;

/** Columns of a tile. Each of the 64 threads sums 4 rows × 4 or 8 columns of it. */
const WIDTHS = { narrow: 32, wide: 64 } as const;

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

/** A shader for products of few columns, and one for those of many. */
export type Product = Readonly<Record<keyof typeof WIDTHS, Shader>>;

/** End of a tile, for {@link matrixProduct}: calls `store(slice, row, column, sum)` for each of its elements. */
function storing(): string {
  return `
    fn finish(tile : Tile, sums : Sums) {
      for (var i = 0; i < 4; i++) {
        let row = tile.firstRow + rowOfThread() + i;
        for (var j = 0; j < WIDTH / 8; j++) {
          let column = tile.firstColumn + (j / 4) * 32 + columnOfThread() * 4 + j % 4;
          if (tile.slice < uniforms.slices && row < uniforms.rows && column < uniforms.columns) {
            store(tile.slice, row, column, sums[i * (WIDTH / 32) + j / 4][j % 4]);
          }
        }
      }
    }`;
}

/**
 * End of a tile, for {@link matrixProduct}: calls `storePair(slice, row, column, sums)` for the sums of every two
 * neighbouring columns. Their number must be even.
 */
export function pairing(): string {
  return `
    fn finish(tile : Tile, sums : Sums) {
      for (var i = 0; i < 4; i++) {
        let row = tile.firstRow + rowOfThread() + i;
        for (var j = 0; j < WIDTH / 16; j++) {
          let column = tile.firstColumn + (j / 2) * 32 + columnOfThread() * 4 + (j % 2) * 2;
          if (tile.slice < uniforms.slices && row < uniforms.rows && column < uniforms.columns) {
            let four = sums[i * (WIDTH / 32) + j / 2];
            storePair(tile.slice, row, column, select(four.xy, four.zw, j % 2 == 1));
          }
        }
      }
    }`;
}

/**
 * End of a tile, for {@link matrixProduct}: leaves the sums in `sumsOfTile`, four columns an element, and calls
 * `take(slice, row, rowOfTile, firstColumn, columnOfTile)` in each thread for half a row of it. Columns of a tile may lie
 * beyond those of the product.
 */
export function taking(): string {
  return `
    var<workgroup> sumsOfTile : array<vec4<f32>, ${TILE} * WIDTH / 4>;
    fn finish(tile : Tile, sums : Sums) {
      for (var i = 0; i < 4; i++) {
        for (var j = 0; j < WIDTH / 32; j++) {
          sumsOfTile[(rowOfThread() + i) * (WIDTH / 4) + j * 8 + columnOfThread()] = sums[i * (WIDTH / 32) + j];
        }
      }
      workgroupBarrier();
      let row = i32(localIndex) / 2;
      if (tile.slice < uniforms.slices && tile.firstRow + row < uniforms.rows) {
        take(tile.slice, tile.firstRow + row, row, tile.firstColumn, (i32(localIndex) % 2) * (WIDTH / 2));
      }
      workgroupBarrier();
    }`;
}

/**
 * Makes the shaders for {@link runProduct}. Their code defines `openSlice(slice : i32, firstRow : i32)`, called at the
 * start of a tile; LEFT_BY_ROWS or LEFT_BY_DEPTH with the functions that they need; `openRight(depth : i32)` and
 * `readRight(column : i32) -> f32` for the elements at that depth; and `store(slice : i32, row : i32, column : i32, sum
 * : f32)`, or what another end of a tile calls. None may form an index from a row, column or depth that is out of
 * range; the values returned there do not matter, except beyond the depth, where the right value must be 0 and the left
 * finite.
 */
export function matrixProduct(shader: Shader, end: string = storing()): Product {
  return { narrow: productOf(shader, end, 'narrow'), wide: productOf(shader, end, 'wide') };
}

function productOf(shader: Shader, end: string, width: keyof typeof WIDTHS): Shader {
  const columns = WIDTHS[width];
  const vectors = columns / 32;
  // For each of the sums of a thread: its row and its vector of columns.
  const forSums = (line: (row: number, vector: number) => string): string =>
    Array.from({ length: 4 * vectors }, (_, index) => line(Math.floor(index / vectors), index % vectors)).join('\n');
  const multiply = (times: string): string => `
    for (var d = 0; d < ${TILE_DEPTH}; d++) {
      let at = d * ${TILE} + rowOfThread();
      ${Array.from({ length: vectors }, (_, v) => `let right${v} = right[d * ${columns / 4} + ${v * 8} + columnOfThread()];`).join('\n')}
      ${Array.from({ length: 4 }, (_, row) => `let left${row} = left[at + ${row}];`).join('\n')}
      ${forSums((row, v) => `sum${row}${v} += ${times}(left${row}, right${v});`)}
    }`;
  return {
    ...shader,
    key: `${shader.key}/${width}`,
    integers: [...shader.integers, 'slices', 'rows', 'columns', 'depth', 'rowTiles', 'columnTiles', 'passes'],
    code: `
      const UNREAD = 0x80000000u;
      const WIDTH = ${columns};
      alias Sums = array<vec4<f32>, ${4 * vectors}>;
      struct Tile {
        slice : i32,
        firstRow : i32,
        firstColumn : i32,
      };
      var<workgroup> left : array<u32, ${TILE_DEPTH * TILE}>;
      var<workgroup> right : array<vec4<f32>, ${(TILE_DEPTH * columns) / 4}>;
      var<workgroup> unsound : atomic<u32>;

      // First of the four rows of a thread in a tile, and the vector of columns.
      fn rowOfThread() -> i32 {
        return (i32(localIndex) / 8) * 4;
      }
      fn columnOfThread() -> i32 {
        return i32(localIndex) % 8;
      }
      // A left element that was read: never −0.
      fn taken(value : f32) -> u32 {
        return select(bitcast<u32>(value), 0u, value == 0.0);
      }
      ${shader.code}
      ${end}
      fn loadRight(firstColumn : i32, firstDepth : i32) {
        let depth = i32(localIndex) / 4;
        let column = (i32(localIndex) % 4) * ${columns / 4};
        openRight(firstDepth + depth);
        for (var i = 0; i < ${columns / 4}; i += 4) {
          let at = firstColumn + column + i;
          let values = vec4<f32>(readRight(at), readRight(at + 1), readRight(at + 2), readRight(at + 3));
          if (any((bitcast<vec4<u32>>(values) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u))) {
            atomicStore(&unsound, 1u);
          }
          right[(depth * ${columns} + column + i) / 4] = values;
        }
      }
      fn times(bits : u32, values : vec4<f32>) -> vec4<f32> {
        return bitcast<f32>(bits) * values;
      }
      fn timesRead(bits : u32, values : vec4<f32>) -> vec4<f32> {
        return select(times(bits, values), vec4<f32>(0.0), bits == UNREAD);
      }
      fn main(thread : i32) {
        for (var turn = 0; turn < uniforms.passes; turn++) {
          let number = i32(workgroupId.x) + turn * i32(numWorkgroups.x);
          let tile = Tile(
            number / (uniforms.columnTiles * uniforms.rowTiles),
            ((number / uniforms.columnTiles) % uniforms.rowTiles) * ${TILE},
            (number % uniforms.columnTiles) * ${columns},
          );
          openSlice(tile.slice, tile.firstRow);
          openLeft(tile.firstRow);
          ${forSums((row, v) => `var sum${row}${v} = vec4<f32>(0.0);`)}
          for (var firstDepth = 0; firstDepth < uniforms.depth; firstDepth += ${TILE_DEPTH}) {
            loadLeft(tile.firstRow, firstDepth);
            loadRight(tile.firstColumn, firstDepth);
            workgroupBarrier();
            if (atomicLoad(&unsound) == 0u) {
              ${multiply('times')}
            } else {
              ${multiply('timesRead')}
            }
            workgroupBarrier();
          }
          finish(tile, Sums(${forSums((row, v) => `sum${row}${v},`)}));
        }
      }`,
  };
}

/** Columns beyond those of narrow tiles for which wide tiles are still faster. */
const MOST_WASTE = 0.2;

/** Width of the tiles of a product. It depends on the numbers of channels alone, as compiled shaders must. */
function widthOf({ columns }: Pick<ProductSize, 'columns'>): keyof typeof WIDTHS {
  const covered = (width: number): number => Math.ceil(columns / width) * width;
  return covered(WIDTHS.wide) < (1 + MOST_WASTE) * covered(WIDTHS.narrow) && columns > WIDTHS.narrow
    ? 'wide'
    : 'narrow';
}

/** Numbers of tiles of one slice. */
export function tilesOf(size: Pick<ProductSize, 'rows' | 'columns'>): { rowTiles: number; columnTiles: number } {
  return { rowTiles: Math.ceil(size.rows / TILE), columnTiles: Math.ceil(size.columns / WIDTHS[widthOf(size)]) };
}

/** Runs a matrix product with one workgroup per tile, in several passes if there are more tiles than allowed. */
export function runProduct(
  host: WebGPUHost,
  product: Product,
  inputs: readonly tf.TensorInfo[],
  output: tf.TensorInfo,
  size: ProductSize,
  uniforms: Uniforms,
  targets: readonly tf.TensorInfo[] = [],
): void {
  const { rowTiles, columnTiles } = tilesOf(size);
  const tiles = size.slices * rowTiles * columnTiles;
  const workgroups = Math.min(tiles, workgroupLimit(host));
  const passes = Math.ceil(tiles / workgroups);
  run(host, product[widthOf(size)], {
    inputs,
    output,
    targets,
    uniforms: { ...uniforms, ...size, rowTiles, columnTiles, passes },
    workgroups,
  });
}
