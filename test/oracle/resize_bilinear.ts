/** Bilinear resizing by its formula: the value of the piecewise bilinear surface through the pixel centres. */
import { array64, unravel, type Array64 } from './array64.js';

/** Interpolates a row of `size` values at a fractional location, with the ends replicated outside. */
function interpolate(size: number, location: number, at: (index: number) => number): number {
  const inside = Math.min(Math.max(location, 0), size - 1);
  const low = Math.floor(inside);
  const part = inside - low;
  return part === 0 ? at(low) : at(low) * (1 - part) + at(low + 1) * part;
}

/** Resizes images [n, h, w, c] to height × width pixels, with half-pixel centres. */
export function resizeBilinear(x: Array64, [height, width]: readonly [number, number]): Array64 {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const shape = [n, height, width, c];
  return array64(shape, (index) => {
    const [b, y, column, channel] = unravel(shape, index) as [number, number, number, number];
    return interpolate(h, ((y + 0.5) * h) / height - 0.5, (row) =>
      interpolate(w, ((column + 0.5) * w) / width - 0.5, (at) => x.data[((b * h + row) * w + at) * c + channel]!),
    );
  });
}

/** The gradient of ⟨y, dy⟩ with respect to x: every pixel gets dy of each output, times its weight in it. */
export function resizeBilinearGradient(x: Array64, dy: Array64): Array64 {
  const [, h, w, c] = x.shape as [number, number, number, number];
  const [, height, width] = dy.shape as [number, number, number, number];
  const dx = array64(x.shape);
  dy.data.forEach((value, index) => {
    const [b, y, column, channel] = unravel(dy.shape, index) as [number, number, number, number];
    for (const row of parts(h, ((y + 0.5) * h) / height - 0.5)) {
      for (const at of parts(w, ((column + 0.5) * w) / width - 0.5)) {
        dx.data[((b * h + row.index) * w + at.index) * c + channel]! += row.part * at.part * value;
      }
    }
  });
  return dx;
}

/** The one or two positions that contribute to a fractional location, with their weights. */
function parts(size: number, location: number): { readonly index: number; readonly part: number }[] {
  const inside = Math.min(Math.max(location, 0), size - 1);
  const index = Math.floor(inside);
  const part = inside - index;
  return part === 0
    ? [{ index, part: 1 }]
    : [
        { index, part: 1 - part },
        { index: index + 1, part },
      ];
}
