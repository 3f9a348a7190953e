/**
 * Sampling locations of the taps of one output position, for the plain TypeScript kernels. A plan is computed once per
 * position and shared by all channels of an offset group.
 */
import type { DeformGeometry } from './kernels.js';

/** Corners and bilinear weights of all samples of one output position. */
export interface SamplingPlan {
  /** Flat pixel indices of the four corners (top left, top right, bottom left, bottom right) of each sample. */
  readonly corners: Int32Array;
  /**
   * Bilinear weight of each corner; 0 for a corner outside the image, whose index is then that of the nearest corner
   * inside.
   */
  readonly weights: Float32Array;
  /** ∂weight/∂y of each corner. */
  readonly slopesY: Float32Array;
  /** ∂weight/∂x of each corner. */
  readonly slopesX: Float32Array;
  /** 1 if −1 < y < h and −1 < x < w, else 0: the sample and all its gradients are then 0. */
  readonly inside: Uint8Array;
}

/** Creates an empty plan for `samples` = offsetGroups · taps samples. */
export function createPlan(samples: number): SamplingPlan {
  return {
    corners: new Int32Array(samples * 4),
    weights: new Float32Array(samples * 4),
    slopesY: new Float32Array(samples * 4),
    slopesX: new Float32Array(samples * 4),
    inside: new Uint8Array(samples),
  };
}

/** Fills the plan for one output position of the batch. At integer locations the slopes are right-hand differences. */
export function planPosition(plan: SamplingPlan, g: DeformGeometry, offset: Float32Array, position: number): void {
  const taps = g.kernelHeight * g.kernelWidth;
  const ox = position % g.outWidth;
  const oy = ((position - ox) / g.outWidth) % g.outHeight;
  const n = Math.floor(position / (g.outHeight * g.outWidth));
  for (let s = 0; s < g.offsetGroups * taps; s++) {
    const tap = s % taps;
    const ky = Math.floor(tap / g.kernelWidth);
    const kx = tap - ky * g.kernelWidth;
    const at = (position * g.offsetGroups * taps + s) * 2;
    // Taps lie on whole pixels, so only the offset has a fraction. It is taken before anything is added, so it keeps
    // its precision however far from the origin the tap is. Rounded to float32, as on every other backend.
    const floorY = Math.floor(offset[at]!);
    const floorX = Math.floor(offset[at + 1]!);
    const ly = Math.fround(offset[at]! - floorY);
    const lx = Math.fround(offset[at + 1]! - floorX);
    const y0 = oy * g.strideHeight - g.padTop + ky * g.dilationHeight + floorY;
    const x0 = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth + floorX;
    // −1 < position < size on both axes. False for NaN too, so that no index is ever formed from one.
    const insideY = (y0 >= 0 || (y0 === -1 && ly > 0)) && y0 < g.inHeight;
    const insideX = (x0 >= 0 || (x0 === -1 && lx > 0)) && x0 < g.inWidth;
    plan.inside[s] = insideY && insideX ? 1 : 0;
    if (!insideY || !insideX) continue;
    for (let corner = 0; corner < 4; corner++) {
      const down = corner >> 1;
      const right = corner & 1;
      const cy = Math.min(Math.max(y0 + down, 0), g.inHeight - 1);
      const cx = Math.min(Math.max(x0 + right, 0), g.inWidth - 1);
      const valid = cy === y0 + down && cx === x0 + right;
      const wy = down === 1 ? ly : 1 - ly;
      const wx = right === 1 ? lx : 1 - lx;
      plan.corners[s * 4 + corner] = (n * g.inHeight + cy) * g.inWidth + cx;
      plan.weights[s * 4 + corner] = valid ? wy * wx : 0;
      plan.slopesY[s * 4 + corner] = valid ? (down === 1 ? wx : -wx) : 0;
      plan.slopesX[s * 4 + corner] = valid ? (right === 1 ? wy : -wy) : 0;
    }
  }
}
