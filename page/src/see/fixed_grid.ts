/** Sampling locations of kernels without offsets: the grid that deformable ones start from. */
import type { Axes, Dot } from './messages.js';

/** A kernel, in pixels of the image. */
export interface GridLevel {
  readonly kernelSize: Axes;
  /** Pixels between neighbouring taps: the dilation times the stride of the layer's input. */
  readonly spacing: Axes;
  /** True if the middle tap is left out, as in DCNv3 with `removeCenter`. */
  readonly isHollow: boolean;
}

/**
 * Computes the sampling locations of one output position, through one or several layers. The taps of each layer are spaced
 * evenly around the requested location, so the combined locations are sums of theirs. All have equal weight.
 *
 * @param center of the position, in pixels of the image
 * @param levels the layer itself, followed by those before it
 */
export function fixedGrid(center: { readonly y: number; readonly x: number }, levels: readonly GridLevel[]): Dot[] {
  const [first, ...rest] = levels.map(steps);
  let dots = first!.map(([y, x], tap) => ({ y: center.y + y, x: center.x + x, weight: 1, tap }));
  for (const level of rest) {
    dots = dots.flatMap((dot) => level.map(([y, x]) => ({ ...dot, y: dot.y + y, x: dot.x + x })));
  }
  return dots;
}

function steps({ kernelSize: [height, width], spacing, isHollow }: GridLevel): Axes[] {
  const taps = Array.from({ length: height * width }, (_, tap): Axes => [
    (Math.floor(tap / width) - (height - 1) / 2) * spacing[0],
    ((tap % width) - (width - 1) / 2) * spacing[1],
  ]);
  return isHollow ? taps.filter((_, tap) => tap !== (height * width - 1) / 2) : taps;
}
