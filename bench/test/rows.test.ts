/** Ratios of the benchmarks. */
import type { Comparison, Question, Target } from '../support/question.js';
import { rowsOf } from '../support/rows.js';
import { difference } from '../support/values.js';

const TARGET: Target = { work: 'ours', against: 'theirs', ours: 'a', peers: ['b1', 'b2'], limit: 0.5, relaxed: 0.3 };
const FIGURES = {
  a: { label: 'a t1', best: 4, passes: [5, 4] },
  b1: { label: 'b t1', best: 12, passes: [12, 14] },
  b2: { label: 'b t2', best: 10, passes: [11, 10] },
};

function rowOf(target: Partial<Target>, figures: Partial<typeof FIGURES> = FIGURES, relaxed = false) {
  const comparison: Comparison = {
    title: 'shape',
    inputs: {},
    sides: {
      a: { peer: 'wasm', work: 'w', amount: 2 },
      b1: { peer: 'torch', work: 'w' },
      b2: { peer: 'torch', work: 'w' },
    },
    targets: [{ ...TARGET, ...target }],
  };
  const question: Question = { name: 'q', title: 't', comparisons: [comparison] };
  return rowsOf(question, comparison, { figures, missing: { b1: 'not installed', b2: 'not installed' } }, relaxed)[0]!;
}

describe('rowsOf()', () => {
  it('divides by the better peer', () => {
    expect(rowOf({})).toMatchObject({ ratio: 0.4, met: true, peer: FIGURES.b2 });
  });

  it('holds the relaxed SIMD binary to the limit of its own', () => {
    expect(rowOf({}, FIGURES, true)).toMatchObject({ limit: 0.3, met: false });
  });

  it('compares amounts in a second where at least a share is wanted', () => {
    // 2 units in 4 ms against 1 in 10 ms.
    expect(rowOf({ atLeast: true, limit: 4 })).toMatchObject({ ratio: 5, met: true });
    expect(rowOf({ atLeast: true, limit: 6 })).toMatchObject({ met: false });
  });

  it('uses the peer that is there, and names what is missing', () => {
    expect(rowOf({}, { a: FIGURES.a, b1: FIGURES.b1 }).ratio).toBeCloseTo(1 / 3);
    expect(rowOf({}, { a: FIGURES.a })).toMatchObject({ missing: 'not installed', ours: FIGURES.a });
    expect(rowOf({}, { a: FIGURES.a })).not.toHaveProperty('ratio');
  });
});

describe('difference()', () => {
  it('is relative to the root mean square', () => {
    expect(difference(Float32Array.of(3, 4.5), Float32Array.of(3, 4))).toBeCloseTo(0.5 / Math.sqrt(12.5));
  });

  it('is infinite for values that are no numbers, and results of another size', () => {
    expect(difference(Float32Array.of(NaN, 1), Float32Array.of(1, 1))).toBe(Infinity);
    expect(difference(Float32Array.of(1), Float32Array.of(1, 1))).toBe(Infinity);
  });
});
