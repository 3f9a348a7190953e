/** Benchmark: matrix product of the wasm kernels, relative to the peak of the engine. */
import type { Comparison, Question } from './support/question.js';
import { DENSE, convInputs, titleOf } from './support/shapes.js';

const AGAINST_PEAK = {
  against: 'SIMD128 multiply-add peak',
  peers: ['peak'],
  limit: 0.88,
  relaxed: 1.1,
  atLeast: true,
};

/** Rows × inner × columns of the matrix product in a 3×3 convolution; a 1×1 convolution is nothing but the product. */
function compare(shape: (typeof DENSE)[number]): Comparison {
  const amount = (2 * 9 * shape.side ** 2 * shape.channels ** 2) / 1e9;
  const inner = 9 * shape.channels;
  const inputs = convInputs({ side: shape.side, channels: inner }, { out: shape.channels, kernel: 1 });
  return {
    title: `${shape.side ** 2} × ${inner} × ${shape.channels}`,
    inputs,
    sides: {
      ours: { peer: 'wasm', work: 'conv2d', amount },
      captured: { peer: 'wasm', work: 'conv2d', params: { captured: true }, amount },
      peak: { peer: 'wasm', work: 'multiplyAddPeak', amount: 1, inputs: {}, result: 'peak' },
    },
    targets: [
      { work: `product of ${titleOf(shape)}`, ours: 'ours', ...AGAINST_PEAK },
      { work: `product of ${titleOf(shape)}, captured: filter packed once`, ours: 'captured', ...AGAINST_PEAK },
    ],
  };
}

export const gemm: Question = {
  name: 'gemm',
  title: 'Matrix product inside the wasm kernels, against vector arithmetic in registers',
  comparisons: DENSE.map(compare),
};
