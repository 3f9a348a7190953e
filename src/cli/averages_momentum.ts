/** Largest momentum: averages over hundreds of steps would lag behind in a run of a few hundred. */
const LARGEST = 0.9;
/** Part of the initial averages that may be left at the end of a run. */
const LEFT = 0.01;

/**
 * Momentum of the moving averages of normalizations: so small that a run on few images forgets their initial values.
 *
 * @param steps steps of the run
 */
export function averagesMomentum(steps: number): number {
  return Math.min(LARGEST, Math.round(1000 * LEFT ** (1 / steps)) / 1000);
}
