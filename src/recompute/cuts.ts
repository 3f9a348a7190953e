/** Places at which to cut a chain of steps, so that the least memory is needed when each part is computed again. */

/** The least bound on the size of a part is raised by this factor until all steps fit. */
const FINENESS = 1.1;

/**
 * Chooses the places at which to cut. What lives at a cut is kept for the whole backward pass; a part needs its own values
 * and their gradients while it is computed again.
 *
 * @param sizes size of what each step makes
 * @param living size of what is kept if the chain is cut before the step
 * @returns indices of the steps before which to cut, ascending
 */
export function chooseCuts(sizes: readonly number[], living: readonly number[]): readonly number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let best: readonly number[] = [];
  let least = 2 * total;
  for (let bound = Math.max(0, ...sizes); bound < total; bound *= FINENESS) {
    const { cuts, kept } = cheapestCuts(sizes, living, bound);
    if (kept + 2 * bound >= least) continue;
    best = cuts;
    least = kept + 2 * bound;
  }
  return best;
}

/** Cuts that keep the least while no part is larger than a bound. */
function cheapestCuts(
  sizes: readonly number[],
  living: readonly number[],
  bound: number,
): { readonly cuts: readonly number[]; readonly kept: number } {
  // Of the first n steps: what the best cuts keep, and the start of the last part.
  const kept = [0];
  const starts = [0];
  for (let end = 1; end <= sizes.length; end++) {
    kept[end] = Infinity;
    let part = 0;
    for (let start = end - 1; start >= 0; start--) {
      part += sizes[start]!;
      if (part > bound) break;
      const sum = kept[start]! + (start === 0 ? 0 : living[start]!);
      if (sum >= kept[end]!) continue;
      kept[end] = sum;
      starts[end] = start;
    }
  }
  const cuts: number[] = [];
  for (let start = starts[sizes.length]!; start > 0; start = starts[start]!) cuts.unshift(start);
  return { cuts, kept: kept[sizes.length]! };
}
