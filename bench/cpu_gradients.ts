/** Benchmark: gradients of convolutions on the plain JavaScript backend, compared with the host's. */
import type { Comparison, Question } from './support/question.js';
import { GRADIENTS, convInputs, depthwiseInputs, titleOf, type Shape } from './support/shapes.js';

/** Small shapes: the host needs 20 seconds for one call of 56²×64. */
const SHAPE = { side: 14, channels: 32 } as const satisfies Shape;

function compare(work: string, inputs: Comparison['inputs']): Comparison {
  return {
    title: titleOf(SHAPE),
    inputs,
    sides: {
      ours: { peer: 'cpu', work, params: GRADIENTS },
      host: { peer: 'cpu', work: `host.${work}`, params: GRADIENTS },
    },
    targets: [
      {
        work: `${work} forward + both gradients, cpu`,
        against: "the host's, cpu",
        ours: 'ours',
        peers: ['host'],
        limit: 0.03,
      },
    ],
  };
}

export const cpuGradients: Question = {
  name: 'cpu_gradients',
  title: 'Convolutions forward and backward on the plain JavaScript backend',
  comparisons: [
    compare('conv2d', convInputs(SHAPE)),
    compare('depthwiseConv2d', depthwiseInputs(SHAPE)),
    compare('conv2dTranspose', convInputs(SHAPE)),
  ],
};
