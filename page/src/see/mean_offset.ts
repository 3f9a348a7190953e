/** Mean offset of a position: the arrow from its centre to the mean of its samples. */
import type { SamplingPosition } from 'tfjs-convolutions';
import type { Arrow } from './messages.js';

/** The samples count by their weights, whose signs do not matter. */
export function arrowOf({ center, taps }: SamplingPosition): Arrow {
  const weights = taps.map(({ weight }) => Math.abs(weight));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // A position all of whose masks are 0 reads nothing, so it points nowhere.
  if (total === 0) return { from: center, to: center };
  const mean = (axis: 'y' | 'x'): number => taps.reduce((sum, tap, at) => sum + tap[axis] * weights[at]!, 0) / total;
  return { from: center, to: { y: mean('y'), x: mean('x') } };
}
