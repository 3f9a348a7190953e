/**
 * Max pooling over the pixels inside the image. NaN counts as larger than every number; the gradient goes to the first
 * of equal maxima in row-major order, or to the last NaN.
 */
import { spanOf } from './depthwise_axis';
import { Operands } from './operands';
import { columnsAt, openWindows, rowsAt } from './pool_windows';

/** y = maximum of the pixels in every window of x. */
export function maxPoolForward(o: Operands): void {
  const g = o.geometry;
  let x = o.x;
  let y = o.y;
  openWindows(g, o.scratch);
  const rows = rowsAt(o.scratch);
  const columns = columnsAt(o.scratch);
  const pixel = (<usize>g.inChannels) << 2;
  const line = <usize>g.inWidth * pixel;
  for (let n = 0; n < g.batch; n++, x += <usize>g.inHeight * line) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      const row = spanOf(rows, oy);
      for (let ox = 0; ox < g.outWidth; ox++, y += pixel) {
        const column = spanOf(columns, ox);
        largest(x + <usize>row.pixel * line + <usize>column.pixel * pixel, row.count, column.count, line, pixel, y);
      }
    }
  }
}

/** Computes dx from x and dy: the gradient of every window goes to the pixel that was its maximum. */
export function maxPoolBackward(o: Operands): void {
  const g = o.geometry;
  openWindows(g, o.scratch);
  const image = (<usize>(g.inHeight * g.inWidth * g.inChannels)) << 2;
  memory.fill(o.dx, 0, <usize>g.batch * image);
  visit(true, o, o.dy, o.dx);
}

/** y = value in `values` at the position of the maximum of x, for every window. */
export function maxPoolSelect(o: Operands, values: usize): void {
  openWindows(o.geometry, o.scratch);
  visit(false, o, o.y, values);
}

/** Finds every maximum, and adds the outputs to the image (`adds`) or reads the outputs from the image. */
@inline
function visit(adds: bool, o: Operands, outputs: usize, image: usize): void {
  const g = o.geometry;
  let x = o.x;
  const rows = rowsAt(o.scratch);
  const columns = columnsAt(o.scratch);
  const pixel = (<usize>g.inChannels) << 2;
  const line = <usize>g.inWidth * pixel;
  const size = <usize>g.inHeight * line;
  for (let n = 0; n < g.batch; n++, x += size, image += size) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      const row = spanOf(rows, oy);
      for (let ox = 0; ox < g.outWidth; ox++, outputs += pixel) {
        const column = spanOf(columns, ox);
        if (row.count == 0 || column.count == 0) continue;
        const first = <usize>row.pixel * line + <usize>column.pixel * pixel;
        if (adds) addAtLargest(x + first, row.count, column.count, line, pixel, outputs, image + first);
        else readAtLargest(x + first, row.count, column.count, line, pixel, outputs, image + first);
      }
    }
  }
}

/** Maximum of a rectangle of pixels, channel by channel. */
@inline
function largest(from: usize, rows: i32, columns: i32, line: usize, pixel: usize, to: usize): void {
  const width = <usize>columns * pixel;
  let c: usize = 0;
  // `pmax` is one instruction and ignores a NaN on its right, `max` is seven: NaNs are collected separately.
  for (; c + 64 <= pixel; c += 64) {
    let start = from + c;
    let m0 = v128.load(start);
    let m1 = v128.load(start, 16);
    let m2 = v128.load(start, 32);
    let m3 = v128.load(start, 48);
    let n0 = f32x4.splat(0);
    let n1 = n0;
    let n2 = n0;
    let n3 = n0;
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) {
        const p0 = v128.load(at);
        const p1 = v128.load(at, 16);
        const p2 = v128.load(at, 32);
        const p3 = v128.load(at, 48);
        m0 = f32x4.pmax(m0, p0);
        m1 = f32x4.pmax(m1, p1);
        m2 = f32x4.pmax(m2, p2);
        m3 = f32x4.pmax(m3, p3);
        n0 = v128.or(n0, f32x4.ne(p0, p0));
        n1 = v128.or(n1, f32x4.ne(p1, p1));
        n2 = v128.or(n2, f32x4.ne(p2, p2));
        n3 = v128.or(n3, f32x4.ne(p3, p3));
      }
    }
    // All bits set is a NaN.
    v128.store(to + c, v128.or(m0, n0));
    v128.store(to + c, v128.or(m1, n1), 16);
    v128.store(to + c, v128.or(m2, n2), 32);
    v128.store(to + c, v128.or(m3, n3), 48);
  }
  for (; c + 16 <= pixel; c += 16) {
    let start = from + c;
    let m = v128.load(start);
    let nan = f32x4.splat(0);
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) {
        const p = v128.load(at);
        m = f32x4.pmax(m, p);
        nan = v128.or(nan, f32x4.ne(p, p));
      }
    }
    v128.store(to + c, v128.or(m, nan));
  }
  for (; c < pixel; c += 4) {
    let start = from + c;
    let m = load<f32>(start);
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) m = max<f32>(m, load<f32>(at));
    }
    store<f32>(to + c, m);
  }
}

/** Positions of the maxima of four channels, in bytes from the first pixel of the rectangle. */
@inline
function maximaOf(from: usize, rows: i32, columns: i32, line: usize, pixel: usize): v128 {
  let m = v128.load(from);
  let maxima = i32x4.splat(0);
  let rowStart: usize = 0;
  for (let row = rows; row > 0; row--, rowStart += line) {
    let at = rowStart;
    for (let column = columns; column > 0; column--, at += pixel) {
      const p = v128.load(from + at);
      const isLarger = v128.or(f32x4.gt(p, m), f32x4.ne(p, p));
      m = v128.bitselect(p, m, isLarger);
      maxima = v128.bitselect(i32x4.splat(<i32>at), maxima, isLarger);
    }
  }
  return maxima;
}

/** {@link maximaOf} for one channel. */
@inline
function maximumOf(from: usize, rows: i32, columns: i32, line: usize, pixel: usize): usize {
  let m = load<f32>(from);
  let found: usize = 0;
  let rowStart: usize = 0;
  for (let row = rows; row > 0; row--, rowStart += line) {
    let at = rowStart;
    for (let column = columns; column > 0; column--, at += pixel) {
      const p = load<f32>(from + at);
      if (p > m || p != p) {
        m = p;
        found = at;
      }
    }
  }
  return found;
}

function addAtLargest(from: usize, rows: i32, columns: i32, line: usize, pixel: usize, dy: usize, to: usize): void {
  let c: usize = 0;
  for (; c + 16 <= pixel; c += 16) {
    const maxima = maximaOf(from + c, rows, columns, line, pixel);
    add(to + c + <usize>i32x4.extract_lane(maxima, 0), load<f32>(dy + c));
    add(to + c + <usize>i32x4.extract_lane(maxima, 1) + 4, load<f32>(dy + c, 4));
    add(to + c + <usize>i32x4.extract_lane(maxima, 2) + 8, load<f32>(dy + c, 8));
    add(to + c + <usize>i32x4.extract_lane(maxima, 3) + 12, load<f32>(dy + c, 12));
  }
  for (; c < pixel; c += 4) add(to + c + maximumOf(from + c, rows, columns, line, pixel), load<f32>(dy + c));
}

@inline
function add(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}

function readAtLargest(from: usize, rows: i32, columns: i32, line: usize, pixel: usize, y: usize, values: usize): void {
  let c: usize = 0;
  for (; c + 16 <= pixel; c += 16) {
    const maxima = maximaOf(from + c, rows, columns, line, pixel);
    store<f32>(y + c, load<f32>(values + c + <usize>i32x4.extract_lane(maxima, 0)));
    store<f32>(y + c, load<f32>(values + c + <usize>i32x4.extract_lane(maxima, 1), 4), 4);
    store<f32>(y + c, load<f32>(values + c + <usize>i32x4.extract_lane(maxima, 2), 8), 8);
    store<f32>(y + c, load<f32>(values + c + <usize>i32x4.extract_lane(maxima, 3), 12), 12);
  }
  for (; c < pixel; c += 4) store<f32>(y + c, load<f32>(values + c + maximumOf(from + c, rows, columns, line, pixel)));
}
