/** Benchmark: inference time of MobileNetV1 on WebAssembly. */
import { networkInputs, type NetworkSize } from './support/mobilenet.js';
import type { Comparison, Question } from './support/question.js';

interface Case extends NetworkSize {
  readonly stock: number;
  /** Limit over the same network not captured. */
  readonly captured: number;
}

const CASES: readonly Case[] = [
  { size: 224, batch: 1, alpha: 1, classes: 1000, stock: 0.65, captured: 1 },
  { size: 32, batch: 1, alpha: 0.25, classes: 10, stock: 0.3, captured: 0.7 },
];

function compare({ size, batch, alpha, classes, stock, captured }: Case): Comparison {
  const params = { alpha, classes };
  const work = `MobileNetV1 α = ${alpha}, inference, wasm, batch norm folded, captured`;
  return {
    title: `${size}², batch ${batch}`,
    inputs: networkInputs({ size, batch, alpha, classes }),
    sides: {
      ours: { peer: 'wasm', work: 'inference', params: { ...params, layers: 'own', captured: true } },
      usual: { peer: 'wasm', work: 'inference', params: { ...params, layers: 'own' } },
      stock: { peer: 'wasm', work: 'inference', params: { ...params, layers: 'stock' } },
    },
    targets: [
      { work, against: 'stock layers, wasm', ours: 'ours', peers: ['stock'], limit: stock },
      { work, against: 'not captured', ours: 'ours', peers: ['usual'], limit: captured },
    ],
  };
}

export const inference: Question = {
  name: 'inference',
  title: 'Inference of MobileNetV1 with the same weights',
  comparisons: CASES.map(compare),
};
