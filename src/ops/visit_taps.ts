/** The loop nest of a sliding window, for the plain TypeScript kernels. */
import type { ConvGeometry } from './geometry.js';

/**
 * Calls `visit` for every tap that lies inside the image: flat pixel index of the input, flat pixel index of the
 * output, and tap index (row-major). Output positions come in order, and for each its taps in order.
 */
export function visitTaps(
  g: Omit<ConvGeometry, 'outChannels' | 'groups' | 'inChannels'>,
  visit: (input: number, output: number, tap: number) => void,
): void {
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        const output = (n * g.outHeight + oy) * g.outWidth + ox;
        for (let ky = 0; ky < g.kernelHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
          if (iy < 0 || iy >= g.inHeight) continue;
          const row = (n * g.inHeight + iy) * g.inWidth;
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
            if (ix >= 0 && ix < g.inWidth) visit(row + ix, output, ky * g.kernelWidth + kx);
          }
        }
      }
    }
  }
}
