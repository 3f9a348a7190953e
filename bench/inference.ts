/** Benchmark: inference time of MobileNetV1 on WebAssembly, in Node and in a page. */
import { networkInputs, type NetworkSize } from './support/mobilenet.js';
import type { Comparison, Question } from './support/question.js';

interface Case extends NetworkSize {
  readonly stock: number;
  /** Limit over the same network not captured. */
  readonly captured: number;
  /** Limits over runtimes for inference, from array to array. */
  readonly web: number;
  readonly litert: number;
}

const CASES: readonly Case[] = [
  { size: 224, batch: 1, alpha: 1, classes: 1000, stock: 0.65, captured: 1, web: 0.7, litert: 1.1 },
  { size: 32, batch: 1, alpha: 0.25, classes: 10, stock: 0.3, captured: 0.7, web: 0.5, litert: 1.1 },
];

function compare({ stock, captured, web, litert, ...network }: Case): Comparison[] {
  const { size, batch, alpha, classes } = network;
  const params = { alpha, classes };
  const own = { work: 'inference', params: { ...params, layers: 'own', captured: true } } as const;
  const arrays = { ...own, params: { ...own.params, arrays: true } } as const;
  const work = `MobileNetV1 α = ${alpha}, inference, wasm, batch norm folded, captured`;
  const fromArrays = `${work}, from array to array`;
  const [title, inputs] = [`${size}², batch ${batch}`, networkInputs(network)];
  return [
    {
      title,
      inputs,
      sides: {
        ours: { peer: 'wasm', ...own },
        usual: { peer: 'wasm', work: 'inference', params: { ...params, layers: 'own' } },
        stock: { peer: 'wasm', work: 'inference', params: { ...params, layers: 'stock' } },
        arrays: { peer: 'wasm', ...arrays },
        web: { peer: 'onnxruntime-web', work: 'inference' },
      },
      targets: [
        { work, against: 'stock layers, wasm', ours: 'ours', peers: ['stock'], limit: stock },
        { work, against: 'not captured', ours: 'ours', peers: ['usual'], limit: captured },
        { work: fromArrays, against: 'onnxruntime-web', ours: 'arrays', peers: ['web'], limit: web },
      ],
    },
    {
      title,
      inputs,
      sides: {
        ours: { peer: 'chromium', ...arrays },
        litert: { peer: 'chromium', work: 'litert.inference', params },
      },
      targets: [
        { work: fromArrays, against: 'LiteRT.js, the same page', ours: 'ours', peers: ['litert'], limit: litert },
      ],
    },
  ];
}

export const inference: Question = {
  name: 'inference',
  title: 'Inference of MobileNetV1 with the same weights',
  comparisons: CASES.flatMap(compare),
};
