/** A bias for every row of [rows, channels], and its gradient. */
import { reduce } from './batch_norm';

/** Bytes of scratch memory: a float64 sum a channel. */
export function biasScratch(channels: i32): i32 {
  return channels * 8;
}

/** y = x + bias in every row. */
export function biasForward(x: usize, bias: usize, rows: i32, channels: i32, y: usize): void {
  const bytes = (<usize>channels) << 2;
  const wide = (<usize>(channels & ~3)) << 2;
  for (let row = 0; row < rows; row++, x += bytes, y += bytes) {
    let c: usize = 0;
    for (; c < wide; c += 16) v128.store(y + c, f32x4.add(v128.load(x + c), v128.load(bias + c)));
    for (; c < bytes; c += 4) store<f32>(y + c, load<f32>(x + c) + load<f32>(bias + c));
  }
}

/** The sum of all rows of dy. */
export function biasBackward(dy: usize, rows: i32, channels: i32, dbias: usize, scratch: usize): void {
  reduce(dy, 0, rows, channels, scratch);
  for (let c = 0; c < channels; c++) {
    store<f32>(dbias + ((<usize>c) << 2), <f32>load<f64>(scratch + ((<usize>c) << 3)));
  }
}
