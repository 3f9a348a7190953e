/**
 * Bilinear sampling of an image [n, h, w, c]. A sample is 0, and so are its gradients, unless −1 < y < H and −1 < x < W,
 * which no NaN satisfies. A corner outside the image counts as 0. With y₀ = ⌊y⌋ and l = y − y₀,
 * ∂v/∂y = (1 − lx)·(I[y₀+1, x₀] − I[y₀, x₀]) + lx·(I[y₀+1, x₀+1] − I[y₀, x₀+1]): at an integer the right-hand difference.
 */
import type { Array64 } from './array64.js';

export interface Position {
  readonly batch: number;
  readonly y: number;
  readonly x: number;
}

/** A pixel that a sample reads. */
export interface Corner {
  /** Flat index of its first channel. */
  readonly pixel: number;
  readonly weight: number;
  /** ∂weight/∂y. */
  readonly dy: number;
  /** ∂weight/∂x. */
  readonly dx: number;
}

export function isInside(image: Array64, y: number, x: number): boolean {
  return y > -1 && y < image.shape[1]! && x > -1 && x < image.shape[2]!;
}

/** The corners of a sample that lie inside the image. */
export function corners(image: Array64, { batch, y, x }: Position): Corner[] {
  const [, height, width, channels] = image.shape as [number, number, number, number];
  const [y0, x0] = [Math.floor(y), Math.floor(x)];
  const [ly, lx] = [y - y0, x - x0];
  return [
    { row: y0, column: x0, weight: (1 - ly) * (1 - lx), dy: -(1 - lx), dx: -(1 - ly) },
    { row: y0, column: x0 + 1, weight: (1 - ly) * lx, dy: -lx, dx: 1 - ly },
    { row: y0 + 1, column: x0, weight: ly * (1 - lx), dy: 1 - lx, dx: -ly },
    { row: y0 + 1, column: x0 + 1, weight: ly * lx, dy: lx, dx: ly },
  ]
    .filter(({ row, column }) => row >= 0 && row < height && column >= 0 && column < width)
    .map(({ row, column, ...slopes }) => ({
      pixel: ((batch * height + row) * width + column) * channels,
      ...slopes,
    }));
}

/** Samples one channel at a location. */
export function sample(image: Array64, position: Position, channel: number): number {
  if (!isInside(image, position.y, position.x)) return 0;
  return blend(image, corners(image, position), channel);
}

/** Σ weight · pixel for one channel. */
export function blend(image: Array64, around: readonly Corner[], channel: number): number {
  let sum = 0;
  for (const { pixel, weight } of around) sum += weight * image.data[pixel + channel]!;
  return sum;
}
