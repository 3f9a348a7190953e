/** The comparisons are coherent: each target names sides that are measured, and no row of the results hides another. */
import { QUESTIONS } from '../questions.js';

describe.each(QUESTIONS.map((question) => [question.name, question] as const))('%s', (_, { comparisons }) => {
  it('evaluates sides that are timed', () => {
    for (const { sides, targets } of comparisons) {
      for (const { ours, peers } of targets) {
        const untimed = [ours, ...peers].filter((key) => sides[key] === undefined || sides[key].untimed === true);
        expect(untimed).toEqual([]);
      }
    }
  });

  it('measures no side that no target needs, unless it checks others', () => {
    for (const { sides, targets } of comparisons) {
      const needed = new Set(targets.flatMap(({ ours, peers }) => [ours, ...peers]));
      const timed = Object.entries(sides).filter(([, { untimed }]) => untimed !== true);
      expect(timed.map(([key]) => key).filter((key) => !needed.has(key))).toEqual([]);
    }
  });

  it('has one row of each shape, work and peer', () => {
    const rows = comparisons.flatMap(({ title, targets }) =>
      targets.map(({ work, against }) => [title, work, against].join(', ')),
    );
    expect(new Set(rows).size).toBe(rows.length);
  });
});
