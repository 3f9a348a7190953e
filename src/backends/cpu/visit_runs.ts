/** Loop nest of a sliding window, for the plain TypeScript kernels. */
import type { ConvGeometry } from '../../kernel/geometry.js';

/**
 * Calls `visit` for every tap and every row of outputs, with the run of adjacent outputs whose tap lies inside the
 * image: flat pixel index of the first input and of the first output, tap index (row-major), number of outputs. From
 * one to the next the input advances by `strideWidth` pixels, the output by one. Every output receives its taps in
 * order.
 */
export function visitRuns(
  g: Omit<ConvGeometry, 'outChannels' | 'groups' | 'inChannels'>,
  visit: (input: number, output: number, tap: number, count: number) => void,
): void {
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ky = 0; ky < g.kernelHeight; ky++) {
        const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
        if (iy < 0 || iy >= g.inHeight) continue;
        for (let kx = 0; kx < g.kernelWidth; kx++) {
          const shift = kx * g.dilationWidth - g.padLeft;
          const first = Math.max(Math.ceil(-shift / g.strideWidth), 0);
          const end = Math.min(Math.ceil((g.inWidth - shift) / g.strideWidth), g.outWidth);
          if (first >= end) continue;
          const input = (n * g.inHeight + iy) * g.inWidth + first * g.strideWidth + shift;
          visit(input, (n * g.outHeight + oy) * g.outWidth + first, ky * g.kernelWidth + kx, end - first);
        }
      }
    }
  }
}
