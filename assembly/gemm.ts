/**
 * Matrix products on packed operands, one micro-kernel of 4 rows by 8 columns.
 *
 * The right operand is packed into panels of 8 columns (the last of 4 if that is enough), each in row-major order
 * without gaps and padded with zeros. The left operand is packed by fours: the factors of 4 rows are adjacent, so that
 * one address serves them all; if it is read column-wise it has that form already. The sums of 4 × 8 outputs stay in
 * registers for a whole block and are added to the result once, which keeps long sums accurate. Goto and van de Geijn,
 * "Anatomy of high-performance matrix multiplication" (2008), section 4.
 */

import { multiplyAdd } from './multiply_add';

/** Rows of the right operand per pass: a panel of 256 × 8 floats is 8 KiB and stays in the L1 cache. */
const BLOCK: i32 = 256;

/** Number of floats that `pack` writes for a right operand of `rows` × `columns`. */
export function packedSize(rows: i32, columns: i32): u64 {
  const rest = columns & 7;
  return <u64>rows * (columns - rest + (rest == 0 ? 0 : rest <= 4 ? 4 : 8));
}

@inline
function panelWidth(columnsLeft: i32): i32 {
  return columnsLeft <= 4 ? 4 : 8;
}

/** Packs a row-major right operand: element (r, c) is at source + (r·stride + c)·4. */
export function pack(source: usize, stride: i32, rows: i32, columns: i32, target: usize): void {
  const pitch = (<usize>stride) << 2;
  for (let first = 0; first < columns; first += 8) {
    const width = panelWidth(columns - first);
    const valid = min(columns - first, width);
    let from = source + ((<usize>first) << 2);
    if (valid == 8) {
      for (let r = 0; r < rows; r++, from += pitch, target += 32) {
        v128.store(target, v128.load(from));
        v128.store(target, v128.load(from, 16), 16);
      }
    } else if (valid == 4) {
      for (let r = 0; r < rows; r++, from += pitch, target += 16) v128.store(target, v128.load(from));
    } else {
      for (let r = 0; r < rows; r++, from += pitch) {
        for (let c = 0; c < width; c++, target += 4) {
          store<f32>(target, c < valid ? load<f32>(from + ((<usize>c) << 2)) : 0);
        }
      }
    }
  }
}

/** Packs the transpose of a row-major matrix: element (r, c) of the operand is at source + (c·stride + r)·4. */
export function packTransposed(source: usize, stride: i32, rows: i32, columns: i32, target: usize): void {
  const pitch = (<usize>stride) << 2;
  for (let first = 0; first < columns; first += 8) {
    const width = panelWidth(columns - first);
    const valid = min(columns - first, width);
    const from = source + <usize>first * pitch;
    let r = 0;
    if (valid == width) {
      // Four columns of the operand at a time, transposed in registers.
      for (; r + 4 <= rows; r += 4) {
        const at = from + ((<usize>r) << 2);
        transpose4(at, pitch, target, (<usize>width) << 2);
        if (width == 8) transpose4(at + 4 * pitch, pitch, target + 16, 32);
        target += (<usize>width) << 4;
      }
    }
    for (; r < rows; r++) {
      for (let c = 0; c < width; c++, target += 4) {
        store<f32>(target, c < valid ? load<f32>(from + <usize>c * pitch + ((<usize>r) << 2)) : 0);
      }
    }
  }
}

@inline
function transpose4(source: usize, pitch: usize, target: usize, targetPitch: usize): void {
  const a = v128.load(source);
  const b = v128.load(source + pitch);
  const c = v128.load(source + 2 * pitch);
  const d = v128.load(source + 3 * pitch);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(target + targetPitch, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(target + 2 * targetPitch, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(target + 3 * targetPitch, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/** Operands of a product that are the same for many of its calls. */
@unmanaged
export class Product {
  rows: i32;
  inner: i32;
  columns: i32;
  /** Distances in bytes between rows of the left operand and of the result. */
  aPitch: usize;
  cPitch: usize;
  /** Scratch memory of `leftSize(rows, inner)` floats, for `product` only. */
  left: usize;
  /** Of the tiles being computed: depth, distance in bytes between the factors of 4 rows, and whether to add to c. */
  depth: i32;
  step: usize;
  add: bool;
}

/** Size in bytes of a product in scratch memory, with a buffer behind it for the 4 × 8 sums at the edge of a matrix. */
export const PRODUCT_BYTES: i32 = 192;

@inline
function edgeOf(p: Product): usize {
  return changetype<usize>(p) + 64;
}

/** Scratch memory in floats that `product` needs for a left operand of `rows` × `inner`. */
export function leftSize(rows: i32, inner: i32): u64 {
  return <u64>((rows + 3) & ~3) * min(inner, BLOCK);
}

/** Packs `depth` columns of a row-major left operand by fours; rows missing from the last four are zeros. */
function packLeft(a: usize, pitch: usize, rows: i32, depth: i32, target: usize): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4, a += 4 * pitch) {
    let k = 0;
    for (; k + 4 <= depth; k += 4, target += 64) transpose4(a + ((<usize>k) << 2), pitch, target, 16);
    for (; k < depth; k++, target += 16) {
      const at = a + ((<usize>k) << 2);
      store<f32>(target, load<f32>(at));
      store<f32>(target, load<f32>(at + pitch), 4);
      store<f32>(target, load<f32>(at + 2 * pitch), 8);
      store<f32>(target, load<f32>(at + 3 * pitch), 12);
    }
  }
  if (row == rows) return;
  for (let k = 0; k < depth; k++, target += 16) {
    for (let r = 0; r < 4; r++) {
      store<f32>(target + ((<usize>r) << 2), row + r < rows ? load<f32>(a + <usize>r * pitch + ((<usize>k) << 2)) : 0);
    }
  }
}

/** c = a · b for a of `rows` × `inner` (row-major), b packed, c of `rows` × `columns`. */
export function product(p: Product, a: usize, b: usize, c: usize): void {
  const rows = p.rows;
  const inner = p.inner;
  const columns = p.columns;
  const cPitch = p.cPitch;
  const left = p.left;
  for (let start = 0; start < inner; start += BLOCK) {
    const depth = min(inner - start, BLOCK);
    packLeft(a + ((<usize>start) << 2), p.aPitch, rows, depth, left);
    p.depth = depth;
    p.step = 16;
    p.add = start > 0;
    const leftStep = (<usize>depth) << 4;
    let panel = b;
    for (let first = 0; first < columns; first += 8) {
      const width = panelWidth(columns - first);
      const bAt = panel + ((<usize>(start * width)) << 2);
      let aAt = left;
      let cAt = c + ((<usize>first) << 2);
      for (let row = 0; row < rows; row += 4, aAt += leftStep, cAt += 4 * cPitch) {
        tile(p, aAt, bAt, cAt, rows - row, columns - first);
      }
      panel += (<usize>(inner * width)) << 2;
    }
  }
}

/**
 * c += aᵀ · b for a of `inner` × `rows` (row-major, at least 3 readable floats after each row), b packed of `inner` ×
 * `columns`, c of `rows` × `columns`.
 */
export function productTransposed(p: Product, a: usize, b: usize, c: usize): void {
  const rows = p.rows;
  const inner = p.inner;
  const columns = p.columns;
  const cPitch = p.cPitch;
  p.depth = inner;
  p.step = p.aPitch;
  p.add = true;
  for (let row = 0; row < rows; row += 4, a += 16, c += 4 * cPitch) {
    let panel = b;
    for (let first = 0; first < columns; first += 8) {
      tile(p, a, panel, c + ((<usize>first) << 2), rows - row, columns - first);
      panel += (<usize>(inner * panelWidth(columns - first))) << 2;
    }
  }
}

/**
 * Computes up to 4 × 8 outputs. Those of an incomplete tile go through the edge buffer, so that the kernels store whole
 * rows.
 */
@inline
function tile(p: Product, a: usize, b: usize, c: usize, rowsLeft: i32, columnsLeft: i32): void {
  const cPitch = p.cPitch;
  const add = p.add;
  if (rowsLeft >= 4 && columnsLeft >= 8) {
    kernel4x8(a, p.step, b, p.depth, c, cPitch, add);
  } else if (rowsLeft >= 4 && columnsLeft == 4) {
    kernel4x4(a, p.step, b, p.depth, c, cPitch, add);
  } else {
    let edge = edgeOf(p);
    if (columnsLeft <= 4) kernel4x4(a, p.step, b, p.depth, edge, 32, false);
    else kernel4x8(a, p.step, b, p.depth, edge, 32, false);
    const bytes = (<usize>min(columnsLeft, 8)) << 2;
    for (let r = 0; r < min(rowsLeft, 4); r++, c += cPitch, edge += 32) {
      for (let i: usize = 0; i < bytes; i += 4) {
        store<f32>(c + i, add ? load<f32>(c + i) + load<f32>(edge + i) : load<f32>(edge + i));
      }
    }
  }
}

/**
 * 4 × 8 sums, two steps per iteration. There is a branch between the steps: without it, compilers that schedule a whole
 * basic block at once load the operands of both steps first, run out of registers, and take 1.4 times as long.
 */
function kernel4x8(a: usize, pitch: usize, b: usize, depth: i32, c: usize, cPitch: usize, add: bool): void {
  const c1 = c + cPitch;
  const c2 = c1 + cPitch;
  const c3 = c2 + cPitch;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  let b0: v128;
  let b1: v128;
  let v: v128;
  const end = b + ((<usize>depth) << 5);
  while (true) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    v = v128.load_splat<f32>(a);
    s00 = multiplyAdd(v, b0, s00);
    s01 = multiplyAdd(v, b1, s01);
    v = v128.load_splat<f32>(a, 4);
    s10 = multiplyAdd(v, b0, s10);
    s11 = multiplyAdd(v, b1, s11);
    v = v128.load_splat<f32>(a, 8);
    s20 = multiplyAdd(v, b0, s20);
    s21 = multiplyAdd(v, b1, s21);
    v = v128.load_splat<f32>(a, 12);
    s30 = multiplyAdd(v, b0, s30);
    s31 = multiplyAdd(v, b1, s31);
    a += pitch;
    b += 32;
    if (b >= end) break;
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    v = v128.load_splat<f32>(a);
    s00 = multiplyAdd(v, b0, s00);
    s01 = multiplyAdd(v, b1, s01);
    v = v128.load_splat<f32>(a, 4);
    s10 = multiplyAdd(v, b0, s10);
    s11 = multiplyAdd(v, b1, s11);
    v = v128.load_splat<f32>(a, 8);
    s20 = multiplyAdd(v, b0, s20);
    s21 = multiplyAdd(v, b1, s21);
    v = v128.load_splat<f32>(a, 12);
    s30 = multiplyAdd(v, b0, s30);
    s31 = multiplyAdd(v, b1, s31);
    a += pitch;
    b += 32;
    if (b >= end) break;
  }
  if (add) {
    s00 = f32x4.add(s00, v128.load(c));
    s01 = f32x4.add(s01, v128.load(c, 16));
    s10 = f32x4.add(s10, v128.load(c1));
    s11 = f32x4.add(s11, v128.load(c1, 16));
    s20 = f32x4.add(s20, v128.load(c2));
    s21 = f32x4.add(s21, v128.load(c2, 16));
    s30 = f32x4.add(s30, v128.load(c3));
    s31 = f32x4.add(s31, v128.load(c3, 16));
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** 4 × 4 sums, for the last columns. */
function kernel4x4(a: usize, pitch: usize, b: usize, depth: i32, c: usize, cPitch: usize, add: bool): void {
  const c1 = c + cPitch;
  const c2 = c1 + cPitch;
  const c3 = c2 + cPitch;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let k = 0; k < depth; k++, b += 16, a += pitch) {
    const b0 = v128.load(b);
    s0 = multiplyAdd(v128.load_splat<f32>(a), b0, s0);
    s1 = multiplyAdd(v128.load_splat<f32>(a, 4), b0, s1);
    s2 = multiplyAdd(v128.load_splat<f32>(a, 8), b0, s2);
    s3 = multiplyAdd(v128.load_splat<f32>(a, 12), b0, s3);
  }
  if (add) {
    s0 = f32x4.add(s0, v128.load(c));
    s1 = f32x4.add(s1, v128.load(c1));
    s2 = f32x4.add(s2, v128.load(c2));
    s3 = f32x4.add(s3, v128.load(c3));
  }
  v128.store(c, s0);
  v128.store(c1, s1);
  v128.store(c2, s2);
  v128.store(c3, s3);
}
