/** From this package's order of axes to that of ONNX, and back. */
import type { Input } from './serve.js';

type Four = readonly [number, number, number, number];

/** Axis i of the result is axis `order[i]` of the input. */
function transpose({ values, shape }: Input, order: Four): Input {
  const from = shape as Four;
  const pitches = [from[1] * from[2] * from[3], from[2] * from[3], from[3], 1];
  const [a, b, c, d] = order.map((axis) => from[axis]!) as unknown as Four;
  const [pa, pb, pc, pd] = order.map((axis) => pitches[axis]!) as unknown as Four;
  const result = new Float32Array(values.length);
  let next = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        for (let l = 0; l < d; l++) result[next++] = values[i * pa + j * pb + k * pc + l * pd]!;
      }
    }
  }
  return { values: result, shape: [a, b, c, d] };
}

/** [n, h, w, c] → [n, c, h, w] */
export const toChannelsFirst = (image: Input): Input => transpose(image, [0, 3, 1, 2]);
/** [n, c, h, w] → [n, h, w, c] */
export const fromChannelsFirst = (image: Input): Input => transpose(image, [0, 2, 3, 1]);
/** [kh, kw, in, out] → [out, in, kh, kw] */
export const toFilterFirst = (filter: Input): Input => transpose(filter, [3, 2, 0, 1]);
/** [kh, kw, channels, 1] → [channels, 1, kh, kw] */
export const toDepthwiseFirst = (filter: Input): Input => transpose(filter, [2, 3, 0, 1]);
/** [out, in, kh, kw] → [kh, kw, in, out] */
export const fromFilterFirst = (filter: Input): Input => transpose(filter, [2, 3, 1, 0]);
