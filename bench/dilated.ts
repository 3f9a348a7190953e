/** Benchmark: overhead of dilation. */
import type { Comparison, Params, Question, Side } from './support/question.js';
import { DENSE, convInputs, titleOf, type Shape } from './support/shapes.js';

const RATES = [2, 6, 18] as const;

const params = (dilation: number): Params => ({ gradients: true, dilation });

/** This package and torch, whose results must agree. */
function sidesOf(rate: number): [key: string, side: Side][] {
  const side = { work: 'conv2d', params: params(rate), result: `rate ${rate}` };
  return [
    [`torch${rate}`, { peer: 'torch', ...side, untimed: true }],
    [`rate${rate}`, { peer: 'wasm', ...side }],
  ];
}

function compare(shape: Shape): Comparison {
  const work = { peer: 'wasm', work: 'conv2d' } as const;
  return {
    title: titleOf(shape),
    inputs: convInputs(shape),
    sides: {
      plain: { ...work, params: params(1), result: 'rate 1' },
      ...Object.fromEntries(RATES.flatMap(sidesOf)),
    },
    targets: RATES.map((rate) => ({
      work: `dilated (rate ${rate}) conv2d forward + both gradients, wasm`,
      against: 'the same shape undilated',
      ours: `rate${rate}`,
      peers: ['plain'],
      limit: 1.1,
    })),
  };
}

export const dilated: Question = {
  name: 'dilated',
  title: 'Dilated convolution, 3×3, padded to the same size, forward and both gradients',
  comparisons: DENSE.map(compare),
};
