/** padImage as loops over memory, shared by the cpu and wasm kernels. */
import { sourceOf } from './border.js';
import type { BorderMode, PadCall } from './kernels.js';

/** Fills y: copies whole rows of the image, and single pixels for the padding beside them. */
export function pad({ sizes, mode, outShape }: PadCall, x: Float32Array, y: Float32Array): void {
  const { inHeight, inWidth, outHeight, outWidth, channels, top, left } = sizes;
  const rows = sourcesOf(outHeight, top, inHeight, mode);
  const columns = sourcesOf(outWidth, left, inWidth, mode);
  const right = left + inWidth;
  let to = 0;
  for (let image = 0; image < outShape[0]!; image++) {
    for (let row = 0; row < outHeight; row++) {
      const start = (image * inHeight + rows[row]!) * inWidth * channels;
      y.set(x.subarray(start, start + inWidth * channels), to + left * channels);
      for (let column = 0; column < outWidth; column++) {
        if (column === left) column = right;
        if (column === outWidth) break;
        const from = start + columns[column]! * channels;
        const at = to + column * channels;
        for (let c = 0; c < channels; c++) y[at + c] = x[from + c]!;
      }
      to += outWidth * channels;
    }
  }
}

/** Fills dx, which starts as zeros: adds every pixel of dy to the pixel that it was copied from. */
export function unpad({ sizes, mode, outShape }: PadCall, dy: Float32Array, dx: Float32Array): void {
  const { inHeight, inWidth, outHeight, outWidth, channels, top, left } = sizes;
  const rows = sourcesOf(outHeight, top, inHeight, mode);
  const columns = sourcesOf(outWidth, left, inWidth, mode);
  let from = 0;
  for (let image = 0; image < outShape[0]!; image++) {
    for (let row = 0; row < outHeight; row++) {
      const start = (image * inHeight + rows[row]!) * inWidth * channels;
      for (let column = 0; column < outWidth; column++, from += channels) {
        const to = start + columns[column]! * channels;
        for (let c = 0; c < channels; c++) dx[to + c]! += dy[from + c]!;
      }
    }
  }
}

/** Source row or column in the image for each position along an axis of the padded image. */
function sourcesOf(length: number, before: number, size: number, mode: BorderMode): Int32Array {
  return Int32Array.from({ length }, (_, index) => sourceOf(index - before, size, mode));
}
