/** Cuts beside the best of all cuts of short chains. */
import { chooseCuts } from '../../src/recompute/cuts.js';
import { Random } from '../support/random.js';

type Sizes = readonly number[];

/** Memory that a chain needs if it is cut: all that lives at the cuts, and twice the largest part. */
function need(sizes: Sizes, living: Sizes, cuts: Sizes): number {
  const ends = [...cuts, sizes.length];
  const parts = ends.map((end, index) => {
    return sizes.slice(cuts[index - 1] ?? 0, end).reduce((sum, size) => sum + size, 0);
  });
  return cuts.reduce((sum, cut) => sum + living[cut]!, 0) + 2 * Math.max(...parts);
}

/** All ascending lists of places between the steps. */
function allCuts(length: number): readonly Sizes[] {
  return Array.from({ length: 2 ** (length - 1) }, (_, bits) =>
    Array.from({ length: length - 1 }, (__, index) => index + 1).filter((cut) => (bits >> (cut - 1)) & 1),
  );
}

test('chooseCuts() is within a tenth of the best cuts', () => {
  const random = new Random(1);
  for (let count = 0; count < 200; count++) {
    const length = random.integer(1, 8);
    const sizes = Array.from({ length }, () => random.integer(0, 100));
    const living = Array.from({ length }, () => random.integer(1, 100));
    const cuts = chooseCuts(sizes, living);
    expect(allCuts(length)).toContainEqual(cuts);
    const best = Math.min(...allCuts(length).map((each) => need(sizes, living, each)));
    expect(need(sizes, living, cuts)).toBeLessThanOrEqual(1.1 * best);
  }
});

test('chooseCuts() cuts a long even chain into about the square root of its length, and not where much lives', () => {
  const sizes = Array.from({ length: 200 }, () => 1);
  const living = sizes.map((_, index) => (index % 4 === 0 ? 1 : 5));
  const cuts = chooseCuts(sizes, living);
  expect(cuts.every((cut) => cut % 4 === 0)).toBe(true);
  expect(cuts.length).toBeGreaterThan(7);
  expect(cuts.length).toBeLessThan(25);
});

test('chooseCuts() leaves a chain whole where cuts would cost more', () => {
  expect(chooseCuts([1, 1, 1], [9, 9, 9])).toEqual([]);
  expect(chooseCuts([0, 0], [1, 1])).toEqual([]);
});
