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
  readonly cornerWeights: Float32Array;
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
    cornerWeights: new Float32Array(samples * 4),
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
    const shiftY = offset[at]!;
    const shiftX = offset[at + 1]!;
    const floorY = Math.floor(shiftY);
    const floorX = Math.floor(shiftX);
    const fractionY = Math.fround(shiftY - floorY);
    const fractionX = Math.fround(shiftX - floorX);
    const top = oy * g.strideHeight - g.padTop + ky * g.dilationHeight + floorY;
    const left = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth + floorX;
    // −1 < position < size on both axes. False for NaN too, so that no index is ever formed from one.
    const insideY = (top >= 0 || (top === -1 && fractionY > 0)) && top < g.inHeight;
    const insideX = (left >= 0 || (left === -1 && fractionX > 0)) && left < g.inWidth;
    plan.inside[s] = insideY && insideX ? 1 : 0;
    if (!insideY || !insideX) continue;
    for (let corner = 0; corner < 4; corner++) {
      const down = corner >> 1;
      const right = corner & 1;
      const y = Math.min(Math.max(top + down, 0), g.inHeight - 1);
      const x = Math.min(Math.max(left + right, 0), g.inWidth - 1);
      const valid = y === top + down && x === left + right;
      const weightY = down === 1 ? fractionY : 1 - fractionY;
      const weightX = right === 1 ? fractionX : 1 - fractionX;
      plan.corners[s * 4 + corner] = (n * g.inHeight + y) * g.inWidth + x;
      plan.cornerWeights[s * 4 + corner] = valid ? weightY * weightX : 0;
      plan.slopesY[s * 4 + corner] = valid ? (down === 1 ? weightX : -weightX) : 0;
      plan.slopesX[s * 4 + corner] = valid ? (right === 1 ? weightY : -weightY) : 0;
    }
  }
}
