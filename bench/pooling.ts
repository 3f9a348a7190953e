/** Benchmark: pooling, compared with the host's, for images and windows where the host's gradients are correct. */
import type { Comparison, Question } from './support/question.js';
import { DENSE, GRADIENTS, titleOf, type Shape } from './support/shapes.js';

/** The forward pass of max pooling propagates NaN, at the cost of two instructions per pixel; the host ignores NaN. */
const LIMITS = { forward: 2, gradient: 0.1 } as const;

function compare(shape: Shape, operator: 'maxPool2d' | 'avgPool2d', gradients: boolean): Comparison {
  const { side, channels } = shape;
  const out = Math.floor((side - 3) / 2) + 1;
  const params = gradients ? GRADIENTS : {};
  return {
    title: titleOf(shape),
    inputs: {
      // The host's maximum misplaces the gradient of windows without a positive value.
      x: { shape: [1, side, side, channels], fill: 'uniform' },
      dy: { shape: [1, out, out, channels] },
    },
    sides: {
      ours: { peer: 'wasm', work: operator, params },
      host: { peer: 'wasm', work: `host.${operator}`, params },
    },
    // Of equal pixels the host takes the last, and ours the first: a few are equal.
    ...(operator === 'maxPool2d' && gradients ? { tolerance: 0.05 } : {}),
    targets: [
      {
        work: `${operator} forward${gradients ? ' + gradient' : ''}, wasm`,
        against: "the host's, wasm",
        ours: 'ours',
        peers: ['host'],
        limit: gradients ? LIMITS.gradient : LIMITS.forward,
      },
    ],
  };
}

export const pooling: Question = {
  name: 'pooling',
  title: 'Pooling, 3×3 with stride 2',
  comparisons: (['maxPool2d', 'avgPool2d'] as const).flatMap((operator) =>
    [false, true].flatMap((gradients) => DENSE.map((shape) => compare(shape, operator, gradients))),
  ),
};
