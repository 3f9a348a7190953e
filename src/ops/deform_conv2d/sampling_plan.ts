/**
 * Where the taps of one output position read, for the plain TypeScript kernels. A plan is computed once a position and
 * shared by all channels of an offset group.
 */
import type { DeformGeometry } from './names.js';

export interface SamplingPlan {
  /** Flat pixel index of the four corners (top left, top right, bottom left, bottom right) of each sample. */
  readonly corners: Int32Array;
  /** Bilinear weight of each corner; 0 for a corner outside the image, whose index is then the nearest corner's inside. */
  readonly weights: Float32Array;
  /** ∂weight/∂y of each corner. */
  readonly slopesY: Float32Array;
  /** ∂weight/∂x of each corner. */
  readonly slopesX: Float32Array;
  /** 1 where −1 < y < h and −1 < x < w, otherwise the sample and all its gradients are 0. */
  readonly inside: Uint8Array;
}

/** An empty plan for `samples` = offsetGroups · taps samples. */
export function createPlan(samples: number): SamplingPlan {
  return {
    corners: new Int32Array(samples * 4),
    weights: new Float32Array(samples * 4),
    slopesY: new Float32Array(samples * 4),
    slopesX: new Float32Array(samples * 4),
    inside: new Uint8Array(samples),
  };
}

/** Fills the plan for output (oy, ox) of image n. The slopes are right-hand differences at integer positions. */
export function planPosition(
  plan: SamplingPlan,
  g: DeformGeometry,
  offset: Float32Array,
  n: number,
  oy: number,
  ox: number,
): void {
  const taps = g.kernelHeight * g.kernelWidth;
  const position = (n * g.outHeight + oy) * g.outWidth + ox;
  for (let s = 0; s < g.offsetGroups * taps; s++) {
    const tap = s % taps;
    const ky = Math.floor(tap / g.kernelWidth);
    const kx = tap - ky * g.kernelWidth;
    const at = (position * g.offsetGroups * taps + s) * 2;
    const y = Math.fround(oy * g.strideHeight - g.padTop + ky * g.dilationHeight + offset[at]!);
    const x = Math.fround(ox * g.strideWidth - g.padLeft + kx * g.dilationWidth + offset[at + 1]!);
    // Rounded to float32 as on every other backend, so that the border is the same. False for NaN too, so that no index is ever formed from one.
    const inside = y > -1 && y < g.inHeight && x > -1 && x < g.inWidth;
    plan.inside[s] = inside ? 1 : 0;
    if (!inside) continue;
    const y0 = Math.floor(y);
    const x0 = Math.floor(x);
    const ly = y - y0;
    const lx = x - x0;
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
