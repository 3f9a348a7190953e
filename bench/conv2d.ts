/** Benchmark: plain convolution and its gradients on WebAssembly. */
import type { Comparison, Params, Question } from './support/question.js';
import { DENSE, GRADIENTS, convInputs, titleOf, type Shape } from './support/shapes.js';

/** Gradients that jax-js is compared in. */
const FILTER = { gradients: true, by: 'filter' } as const;

function ownComparisons(shape: Shape): Comparison[] {
  return [
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
  ];
}

/** At one shape: a call of jax-js takes a second or so. */
function besideJax(what: string, params: Params): Comparison {
  const [shape] = DENSE;
  return {
    title: titleOf(shape),
    inputs: convInputs(shape),
    sides: {
      ours: { peer: 'wasm', work: 'conv2d', params },
      jax: { peer: 'jax-js', work: 'conv2d', params },
    },
    targets: [{ work: `conv2d ${what}, wasm`, against: 'jax-js, wasm', ours: 'ours', peers: ['jax'], limit: 0.02 }],
  };
}

export const conv2d: Question = {
  name: 'conv2d',
  title:
    'Plain convolution, 3×3: gradients against its own forward pass, the input gradient against that of the host, forward and ' +
    'filter gradient against jax-js',
  comparisons: [
    ...DENSE.flatMap(ownComparisons),
    besideJax('forward', {}),
    besideJax('forward + filter gradient', FILTER),
  ],
};
