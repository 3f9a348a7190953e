/** Describes sampling locations and influence in numbers and words. */
import type { Dot, InfluenceMap, Pixels, Samples } from './messages.js';

/** Lowest brightness of a pixel that counts as ink. */
const INK = 128;

export interface SamplesInNumbers {
  /** Mean length of the offsets in pixels, weighted by the masks. */
  readonly meanMove: number;
  readonly farthestMove: number;
  readonly smallestWeight: number;
  readonly largestWeight: number;
}

export function numbersOf({ deformable, plain }: Samples): SamplesInNumbers {
  const moves = deformable.map(({ y, x }, index) => {
    const rest = plain[index % plain.length]!;
    return Math.hypot(y - rest.y, x - rest.x);
  });
  const weights = deformable.map(({ weight }) => weight);
  const total = weights.reduce((a, b) => a + b, 0);
  return {
    meanMove: moves.reduce((sum, move, index) => sum + move * weights[index]!, 0) / total,
    farthestMove: Math.max(...moves),
    smallestWeight: Math.min(...weights),
    largestWeight: Math.max(...weights),
  };
}

/** Fraction of the weight that falls on the drawing. */
export function shareOnInk(dots: readonly Dot[], { values, height, width, channels }: Pixels): number | undefined {
  if (channels !== 1) return undefined;
  const isInk = ({ y, x }: Dot): boolean => {
    const [row, column] = [Math.round(y), Math.round(x)];
    return row >= 0 && row < height && column >= 0 && column < width && values[row * width + column]! >= INK;
  };
  const weightOf = (list: readonly Dot[]): number => list.reduce((sum, { weight }) => sum + weight, 0);
  return weightOf(dots.filter(isInk)) / weightOf(dots);
}

/** Uses a no-break space between the number and the sign. */
export const percent = (fraction: number): string => `${Math.round(100 * fraction)}\u00a0%`;

export const pixels = (value: number): string => `${value.toFixed(1)} px`;

export function sizesOf({ extent, theoretical }: InfluenceMap): { readonly counts: string; readonly could: string } {
  const size = (height: number, width: number): string => `${width} × ${height} px`;
  return {
    counts: size(extent.bottom - extent.top + 1, extent.right - extent.left + 1),
    could: theoretical ? size(theoretical.height, theoretical.width) : 'unknown',
  };
}
