/** Benchmark: depthwise convolution, compared with the host's. */
import type { Question } from './support/question.js';
import { DEPTHWISE, GRADIENTS, bothThreads, depthwiseInputs, titleOf } from './support/shapes.js';

const LIMITS = [0.7, 0.7, 0.8] as const;

export const depthwiseConv2d: Question = {
  name: 'depthwise_conv2d',
  title: 'Depthwise convolution, 3×3',
  comparisons: DEPTHWISE.flatMap((shape, index) => [
    {
      title: titleOf(shape),
      inputs: depthwiseInputs(shape),
      sides: {
        ours: { peer: 'wasm', work: 'depthwiseConv2d' },
        host: { peer: 'wasm', work: 'host.depthwiseConv2d' },
      },
      targets: [
        {
          work: 'depthwiseConv2d forward, wasm',
          against: "the host's, wasm",
          ours: 'ours',
          peers: ['host'],
          limit: LIMITS[index]!,
        },
      ],
    },
    {
      title: titleOf(shape),
      inputs: depthwiseInputs(shape),
      sides: {
        ours: { peer: 'wasm', work: 'depthwiseConv2d', params: GRADIENTS },
        ...bothThreads('node', { peer: 'tfjs-node', work: 'host.depthwiseConv2d', params: GRADIENTS }),
      },
      targets: [
        {
          work: 'depthwiseConv2d forward + both gradients, wasm',
          against: "the host's, tfjs-node",
          ours: 'ours',
          peers: ['node1', 'node2'],
          limit: 1,
        },
      ],
    },
  ]),
};
