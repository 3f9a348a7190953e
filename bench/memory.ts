/** Benchmark: memory of a deformable convolution on WebAssembly, beyond its inputs and outputs. */
import type { Comparison, Question } from './support/question.js';
import { deformInputs, titleOf, type Shape } from './support/shapes.js';

const SHAPES = [
  { side: 14, channels: 16 },
  { side: 14, channels: 256 },
  { side: 28, channels: 128 },
  { side: 56, channels: 64 },
  { side: 112, channels: 64 },
  { side: 224, channels: 32 },
  { side: 512, channels: 16 },
] as const satisfies readonly Shape[];

function compare(shape: Shape): Comparison {
  const params = { convolution: 'deformConv2d', gradients: true };
  return {
    title: titleOf(shape),
    unit: 'MiB',
    inputs: deformInputs(shape),
    sides: {
      peak: { peer: 'wasm', work: 'memory.peak', params },
      tensors: { peer: 'wasm', work: 'memory.tensors', params },
    },
    targets: [
      {
        work: 'deformConv2d forward + all gradients: peak beyond its inputs, wasm',
        against: 'input + output + gradients',
        ours: 'peak',
        peers: ['tensors'],
        limit: 1.2,
      },
    ],
  };
}

export const memory: Question = {
  name: 'memory',
  title: 'Peak of the wasm heap during a call, results included',
  comparisons: SHAPES.map(compare),
};
