/** Benchmark: overhead of groups. */
import type { Comparison, Question } from './support/question.js';
import { convInputs } from './support/shapes.js';

const GROUPS = 32;

/** Grouped convolutions of ResNeXt-50 (32×4d), and ungrouped ones with the same number of multiply-adds. */
const SHAPES = [
  { side: 56, channels: 128, plain: [16, 32] },
  { side: 28, channels: 256, plain: [32, 64] },
  { side: 14, channels: 512, plain: [64, 128] },
] as const;

function compare({ side, channels, plain: [from, to] }: (typeof SHAPES)[number], gradients: boolean): Comparison {
  const work = { peer: 'wasm', work: 'conv2d' } as const;
  const params = { groups: GROUPS, gradients };
  const what = gradients ? 'forward + both gradients' : 'forward';
  return {
    title: `${side}²×${channels}`,
    inputs: convInputs({ side, channels }, { groups: GROUPS }),
    sides: {
      torch: { peer: 'torch', work: 'conv2d', params, untimed: true },
      grouped: { ...work, params },
      plain: {
        ...work,
        params: { gradients },
        inputs: convInputs({ side, channels: from }, { out: to }),
        result: 'plain',
      },
    },
    targets: [
      {
        work: `conv2d of ${GROUPS} groups, ${what}, wasm`,
        against: `${from} to ${to} channels ungrouped, the same multiply-adds`,
        ours: 'grouped',
        peers: ['plain'],
        limit: 1.3,
      },
    ],
  };
}

export const grouped: Question = {
  name: 'grouped',
  title: 'Grouped convolution, 3×3, 32 groups, against an ungrouped one of the same number of multiply-adds',
  comparisons: SHAPES.flatMap((shape) => [compare(shape, false), compare(shape, true)]),
};
