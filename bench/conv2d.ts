/** Benchmark: gradients of a plain convolution on WebAssembly. */
import type { Question } from './support/question.js';
import { DENSE, GRADIENTS, convInputs, titleOf } from './support/shapes.js';

export const conv2d: Question = {
  name: 'conv2d',
  title: 'Plain convolution, 3×3: gradients against its own forward pass, the input gradient against that of the host',
  comparisons: DENSE.flatMap((shape) => [
    {
      title: titleOf(shape),
      inputs: convInputs(shape),
      sides: {
        torch: { peer: 'torch', work: 'conv2d', params: GRADIENTS, untimed: true },
        all: { peer: 'wasm', work: 'conv2d', params: GRADIENTS },
        host: { peer: 'wasm', work: 'host.conv2d', result: 'forward', untimed: true },
        forward: { peer: 'wasm', work: 'conv2d', result: 'forward' },
      },
      targets: [
        {
          work: 'conv2d forward + both gradients, wasm',
          against: 'its own forward pass',
          ours: 'all',
          peers: ['forward'],
          limit: 3.2,
        },
      ],
    },
    {
      title: titleOf(shape),
      inputs: convInputs(shape),
      sides: {
        ours: { peer: 'wasm', work: 'conv2dInputGradient' },
        host: { peer: 'wasm', work: 'host.conv2dInputGradient' },
      },
      targets: [
        {
          work: 'conv2d input gradient, wasm',
          against: "the host's, wasm",
          ours: 'ours',
          peers: ['host'],
          limit: 0.1,
        },
      ],
    },
  ]),
};
