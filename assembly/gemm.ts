/**
 * Matrix products on packed operands, one micro-kernel of 4 rows by 8 columns.
 *
 * The right operand is packed into panels of 8 columns (a last one of 4 where that is enough), each panel row after row
 * without gaps and padded with zeros, so that the inner loop reads it in order. The left operand is read in place: by
 * rows (`product`) or by columns (`productTransposed`). The sums of 4 × 8 outputs stay in registers for
 * a whole block and are added to the result once, which keeps long sums accurate.
 * Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008), section 4.
 */

/** Rows of the right operand that one pass covers: a panel of 256 × 8 floats is 8 KiB and stays in the first cache. */
const BLOCK: i32 = 256;

/** Floats that `pack` writes for a right operand of `rows` × `columns`. */
export function packedSize(rows: i32, columns: i32): i32 {
  const rest = columns & 7;
  return rows * (columns - rest + (rest == 0 ? 0 : rest <= 4 ? 4 : 8));
}

// @ts-ignore: decorator
@inline
function panelWidth(columnsLeft: i32): i32 {
  return columnsLeft <= 4 ? 4 : 8;
}

/** Packs a row-major right operand: element (r, c) stands at source + (r·stride + c)·4. */
export function pack(source: usize, stride: i32, rows: i32, columns: i32, target: usize): void {
  const pitch = <usize>stride << 2;
  for (let first = 0; first < columns; first += 8) {
    const width = panelWidth(columns - first);
    const valid = min(columns - first, width);
    let from = source + (<usize>first << 2);
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
          store<f32>(target, c < valid ? load<f32>(from + (<usize>c << 2)) : 0);
        }
      }
    }
  }
}

/** Packs the transpose of a row-major matrix: element (r, c) of the operand stands at source + (c·stride + r)·4. */
export function packTransposed(source: usize, stride: i32, rows: i32, columns: i32, target: usize): void {
  const pitch = <usize>stride << 2;
  for (let first = 0; first < columns; first += 8) {
    const width = panelWidth(columns - first);
    const valid = min(columns - first, width);
    const from = source + <usize>first * pitch;
    let r = 0;
    if (valid == width) {
      // Four columns of the operand at a time, transposed in registers.
      for (; r + 4 <= rows; r += 4) {
        const at = from + (<usize>r << 2);
        transpose4(at, pitch, target, <usize>width << 2);
        if (width == 8) transpose4(at + 4 * pitch, pitch, target + 16, 32);
        target += <usize>width << 4;
      }
    }
    for (; r < rows; r++) {
      for (let c = 0; c < width; c++, target += 4) {
        store<f32>(target, c < valid ? load<f32>(from + <usize>c * pitch + (<usize>r << 2)) : 0);
      }
    }
  }
}

// @ts-ignore: decorator
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

/**
 * c (+)= a · b for a of `rows` × `inner`, b packed, c of `rows` × `columns`; strides in floats. `edge` is room for
 * 4 × 8 floats.
 */
export function product(
  a: usize,
  aStride: i32,
  b: usize,
  c: usize,
  cStride: i32,
  rows: i32,
  inner: i32,
  columns: i32,
  accumulate: bool,
  edge: usize,
): void {
  const aPitch = <usize>aStride << 2;
  const cPitch = <usize>cStride << 2;
  for (let start = 0; start < inner; start += BLOCK) {
    const depth = min(inner - start, BLOCK);
    const add = accumulate || start > 0;
    let panel = b;
    for (let first = 0; first < columns; first += 8) {
      const width = panelWidth(columns - first);
      const valid = min(columns - first, width);
      const bAt = panel + ((<usize>(start * width)) << 2);
      let aAt = a + (<usize>start << 2);
      let cAt = c + (<usize>first << 2);
      let row = 0;
      for (; row + 4 <= rows; row += 4, aAt += 4 * aPitch, cAt += 4 * cPitch) {
        if (valid == width) {
          if (width == 8) rows4x8(aAt, aPitch, bAt, depth, cAt, cPitch, add);
          else rows4x4(aAt, aPitch, bAt, depth, cAt, cPitch, add);
        } else {
          if (width == 8) rows4x8(aAt, aPitch, bAt, depth, edge, 32, false);
          else rows4x4(aAt, aPitch, bAt, depth, edge, 32, false);
          for (let r = 0; r < 4; r++) flushEdge(edge + (<usize>r << 5), cAt + <usize>r * cPitch, valid, add);
        }
      }
      for (; row < rows; row++, aAt += aPitch, cAt += cPitch) {
        row1x8(aAt, 4, bAt, width, depth, edge);
        flushEdge(edge, cAt, valid, add);
      }
      panel += (<usize>(inner * width)) << 2;
    }
  }
}

/**
 * c (+)= aᵀ · b for a of `inner` × `rows` (read by columns), b packed of `inner` × `columns`, c of `rows` × `columns`.
 */
export function productTransposed(
  a: usize,
  aStride: i32,
  b: usize,
  c: usize,
  cStride: i32,
  rows: i32,
  inner: i32,
  columns: i32,
  edge: usize,
): void {
  const aPitch = <usize>aStride << 2;
  const cPitch = <usize>cStride << 2;
  let row = 0;
  for (; row < rows; row += 4) {
    const height = min(rows - row, 4);
    const aAt = a + (<usize>row << 2);
    const cRow = c + <usize>row * cPitch;
    let panel = b;
    for (let first = 0; first < columns; first += 8) {
      const width = panelWidth(columns - first);
      const valid = min(columns - first, width);
      const cAt = cRow + (<usize>first << 2);
      if (height == 4) {
        if (valid == width) {
          if (width == 8) columns4x8(aAt, aPitch, panel, inner, cAt, cPitch, true);
          else columns4x4(aAt, aPitch, panel, inner, cAt, cPitch, true);
        } else {
          if (width == 8) columns4x8(aAt, aPitch, panel, inner, edge, 32, false);
          else columns4x4(aAt, aPitch, panel, inner, edge, 32, false);
          for (let r = 0; r < 4; r++) flushEdge(edge + (<usize>r << 5), cAt + <usize>r * cPitch, valid, true);
        }
      } else {
        for (let r = 0; r < height; r++) {
          row1x8(aAt + (<usize>r << 2), aPitch, panel, width, inner, edge);
          flushEdge(edge, cAt + <usize>r * cPitch, valid, true);
        }
      }
      panel += (<usize>(inner * width)) << 2;
    }
  }
}

/** Copies or adds `valid` sums from the edge buffer to where they belong. */
// @ts-ignore: decorator
@inline
function flushEdge(edge: usize, c: usize, valid: i32, add: bool): void {
  for (let i: usize = 0; i < <usize>valid << 2; i += 4) {
    const value = load<f32>(edge + i);
    store<f32>(c + i, add ? load<f32>(c + i) + value : value);
  }
}

/** One row of sums, 8 or 4 wide, into `edge`; `aStep` bytes between factors of the left operand. */
function row1x8(a: usize, aStep: usize, b: usize, width: i32, depth: i32, edge: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  if (width == 8) {
    for (let k = 0; k < depth; k++, a += aStep, b += 32) {
      const v = v128.load_splat<f32>(a);
      s0 = f32x4.add(s0, f32x4.mul(v, v128.load(b)));
      s1 = f32x4.add(s1, f32x4.mul(v, v128.load(b, 16)));
    }
  } else {
    for (let k = 0; k < depth; k++, a += aStep, b += 16) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(a), v128.load(b)));
    }
  }
  v128.store(edge, s0);
  v128.store(edge, s1, 16);
}

/** 4 × 8 sums, left operand by rows. Two steps an iteration: fewer address updates beside the arithmetic. */
function rows4x8(a: usize, pitch: usize, b: usize, depth: i32, c: usize, cPitch: usize, add: bool): void {
  let a0 = a;
  let a1 = a + pitch;
  let a2 = a1 + pitch;
  let a3 = a2 + pitch;
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
  const end = b + ((<usize>depth >> 1) << 6);
  while (b < end) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let v = v128.load_splat<f32>(a0);
    s00 = f32x4.add(s00, f32x4.mul(v, b0));
    s01 = f32x4.add(s01, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a1);
    s10 = f32x4.add(s10, f32x4.mul(v, b0));
    s11 = f32x4.add(s11, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a2);
    s20 = f32x4.add(s20, f32x4.mul(v, b0));
    s21 = f32x4.add(s21, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a3);
    s30 = f32x4.add(s30, f32x4.mul(v, b0));
    s31 = f32x4.add(s31, f32x4.mul(v, b1));
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    v = v128.load_splat<f32>(a0, 4);
    s00 = f32x4.add(s00, f32x4.mul(v, b0));
    s01 = f32x4.add(s01, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a1, 4);
    s10 = f32x4.add(s10, f32x4.mul(v, b0));
    s11 = f32x4.add(s11, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a2, 4);
    s20 = f32x4.add(s20, f32x4.mul(v, b0));
    s21 = f32x4.add(s21, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a3, 4);
    s30 = f32x4.add(s30, f32x4.mul(v, b0));
    s31 = f32x4.add(s31, f32x4.mul(v, b1));
    b += 64;
    a0 += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
  }
  if (depth & 1) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let v = v128.load_splat<f32>(a0);
    s00 = f32x4.add(s00, f32x4.mul(v, b0));
    s01 = f32x4.add(s01, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a1);
    s10 = f32x4.add(s10, f32x4.mul(v, b0));
    s11 = f32x4.add(s11, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a2);
    s20 = f32x4.add(s20, f32x4.mul(v, b0));
    s21 = f32x4.add(s21, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a3);
    s30 = f32x4.add(s30, f32x4.mul(v, b0));
    s31 = f32x4.add(s31, f32x4.mul(v, b1));
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

/** 4 × 4 sums, left operand by rows: for the last few columns. */
function rows4x4(a: usize, pitch: usize, b: usize, depth: i32, c: usize, cPitch: usize, add: bool): void {
  let a0 = a;
  let a1 = a + pitch;
  let a2 = a1 + pitch;
  let a3 = a2 + pitch;
  const c1 = c + cPitch;
  const c2 = c1 + cPitch;
  const c3 = c2 + cPitch;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let k = 0; k < depth; k++, b += 16, a0 += 4, a1 += 4, a2 += 4, a3 += 4) {
    const b0 = v128.load(b);
    s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(a0), b0));
    s1 = f32x4.add(s1, f32x4.mul(v128.load_splat<f32>(a1), b0));
    s2 = f32x4.add(s2, f32x4.mul(v128.load_splat<f32>(a2), b0));
    s3 = f32x4.add(s3, f32x4.mul(v128.load_splat<f32>(a3), b0));
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

/** 4 × 8 sums, left operand by columns: its four factors stand side by side. */
function columns4x8(a: usize, pitch: usize, b: usize, depth: i32, c: usize, cPitch: usize, add: bool): void {
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
  const end = b + (<usize>depth << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let v = v128.load_splat<f32>(a);
    s00 = f32x4.add(s00, f32x4.mul(v, b0));
    s01 = f32x4.add(s01, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(v, b0));
    s11 = f32x4.add(s11, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(v, b0));
    s21 = f32x4.add(s21, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a, 12);
    s30 = f32x4.add(s30, f32x4.mul(v, b0));
    s31 = f32x4.add(s31, f32x4.mul(v, b1));
    a += pitch;
    b += 32;
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

/** 4 × 4 sums, left operand by columns. */
function columns4x4(a: usize, pitch: usize, b: usize, depth: i32, c: usize, cPitch: usize, add: bool): void {
  const c1 = c + cPitch;
  const c2 = c1 + cPitch;
  const c3 = c2 + cPitch;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let k = 0; k < depth; k++, b += 16, a += pitch) {
    const b0 = v128.load(b);
    s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(a), b0));
    s1 = f32x4.add(s1, f32x4.mul(v128.load_splat<f32>(a, 4), b0));
    s2 = f32x4.add(s2, f32x4.mul(v128.load_splat<f32>(a, 8), b0));
    s3 = f32x4.add(s3, f32x4.mul(v128.load_splat<f32>(a, 12), b0));
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
