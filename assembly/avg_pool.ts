/** Average pooling over the pixels inside the image, and its adjoint. */
import { spanOf } from './depthwise_axis';
import { Operands } from './operands';
import { columnsAt, openWindows, rowsAt } from './pool_windows';

/** y = mean of the pixels in every window of x. */
export function avgPoolForward(o: Operands): void {
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
        average(x + <usize>row.pixel * line + <usize>column.pixel * pixel, row.count, column.count, line, pixel, y);
      }
    }
  }
}

/** Computes dx from dy. */
export function avgPoolBackward(o: Operands): void {
  const g = o.geometry;
  let dy = o.dy;
  let dx = o.dx;
  openWindows(g, o.scratch);
  const rows = rowsAt(o.scratch);
  const columns = columnsAt(o.scratch);
  const pixel = (<usize>g.inChannels) << 2;
  const line = <usize>g.inWidth * pixel;
  const image = <usize>g.inHeight * line;
  memory.fill(dx, 0, <usize>g.batch * image);
  for (let n = 0; n < g.batch; n++, dx += image) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      const row = spanOf(rows, oy);
      for (let ox = 0; ox < g.outWidth; ox++, dy += pixel) {
        const column = spanOf(columns, ox);
        share(dy, dx + <usize>row.pixel * line + <usize>column.pixel * pixel, row.count, column.count, line, pixel);
      }
    }
  }
}

/** Mean of a rectangle of pixels, channel by channel. */
@inline
function average(from: usize, rows: i32, columns: i32, line: usize, pixel: usize, to: usize): void {
  const count = <f32>(rows * columns);
  const counts = f32x4.splat(count);
  const width = <usize>columns * pixel;
  let c: usize = 0;
  for (; c + 64 <= pixel; c += 64) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let start = from + c;
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) {
        s0 = f32x4.add(s0, v128.load(at));
        s1 = f32x4.add(s1, v128.load(at, 16));
        s2 = f32x4.add(s2, v128.load(at, 32));
        s3 = f32x4.add(s3, v128.load(at, 48));
      }
    }
    v128.store(to + c, f32x4.div(s0, counts));
    v128.store(to + c, f32x4.div(s1, counts), 16);
    v128.store(to + c, f32x4.div(s2, counts), 32);
    v128.store(to + c, f32x4.div(s3, counts), 48);
  }
  for (; c + 16 <= pixel; c += 16) {
    let sum = f32x4.splat(0);
    let start = from + c;
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) sum = f32x4.add(sum, v128.load(at));
    }
    v128.store(to + c, f32x4.div(sum, counts));
  }
  for (; c < pixel; c += 4) {
    let sum: f32 = 0;
    let start = from + c;
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) sum += load<f32>(at);
    }
    store<f32>(to + c, sum / count);
  }
}

/** Adds an equal fraction of a gradient to each pixel of a rectangle. */
@inline
function share(dy: usize, to: usize, rows: i32, columns: i32, line: usize, pixel: usize): void {
  const count = <f32>(rows * columns);
  const counts = f32x4.splat(count);
  const width = <usize>columns * pixel;
  let c: usize = 0;
  for (; c + 32 <= pixel; c += 32) {
    const g0 = f32x4.div(v128.load(dy + c), counts);
    const g1 = f32x4.div(v128.load(dy + c, 16), counts);
    let start = to + c;
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) {
        v128.store(at, f32x4.add(v128.load(at), g0));
        v128.store(at, f32x4.add(v128.load(at, 16), g1), 16);
      }
    }
  }
  for (; c + 16 <= pixel; c += 16) {
    const gradient = f32x4.div(v128.load(dy + c), counts);
    let start = to + c;
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) {
        v128.store(at, f32x4.add(v128.load(at), gradient));
      }
    }
  }
  for (; c < pixel; c += 4) {
    const gradient = load<f32>(dy + c) / count;
    let start = to + c;
    for (let row = rows; row > 0; row--, start += line) {
      for (let at = start, end = start + width; at < end; at += pixel) store<f32>(at, load<f32>(at) + gradient);
    }
  }
}
