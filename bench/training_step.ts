/** Benchmark: time of a training step of MobileNetV1. */
import { networkInputs, type NetworkSize } from './support/mobilenet.js';
import type { Comparison, Question } from './support/question.js';
import { bothThreads } from './support/shapes.js';

interface Case extends NetworkSize {
  /** Limits of this package on wasm, with one thread and with two, over Keras. */
  readonly keras: readonly [number, number];
  readonly stock: number;
  /** Limits of what is measured for one size alone: layers of this package on tfjs-node, time outside kernels, model.fit, torch. */
  readonly more?: Readonly<Record<'node' | 'outside' | 'fit' | 'torch', number>>;
}

const CASES: readonly Case[] = [
  {
    ...{ size: 32, batch: 32, alpha: 0.25, classes: 10 },
    ...{ keras: [0.7, 0.48], stock: 0.13, more: { node: 0.22, outside: 0.05, fit: 0.7, torch: 1 } },
  },
  { size: 96, batch: 8, alpha: 0.25, classes: 10, keras: [0.7, 0.45], stock: 0.2 },
];

function compare(network: Case): Comparison {
  const { size, batch, alpha, classes, more } = network;
  const own = { work: 'trainingStep', params: { alpha, classes, layers: 'own', captured: true } };
  const stock = { work: 'trainingStep', params: { alpha, classes, layers: 'stock' } };
  const step = `MobileNetV1 α = ${alpha}, captured training step`;
  const keras = { against: 'Keras on TensorFlow, tf.function', peers: ['keras1', 'keras2'] };
  const fit = { peer: 'wasm', work: 'fit', result: 'fit' } as const;
  const onNode = { against: 'stock layers, tfjs-node', peers: ['stock1', 'stock2'] };
  return {
    title: `${size}², batch ${batch}`,
    inputs: networkInputs(network),
    // Tolerance after one float32 step through 28 layers of batch normalization.
    tolerance: 0.02,
    sides: {
      ours: { peer: 'wasm', ...own },
      ours2: { peer: 'wasm', threads: 2, ...own },
      ...bothThreads('stock', { peer: 'tfjs-node', ...stock }),
      ...bothThreads('keras', { peer: 'keras', ...own }),
      ...(more && {
        usual: { peer: 'wasm', work: 'trainingStep', params: { alpha, classes, layers: 'own' } },
        node: { peer: 'tfjs-node', threads: 2, ...own },
        outside: { peer: 'wasm', work: 'outsideKernels', params: own.params, result: 'outside' },
        fit: { ...fit, params: { alpha, classes, layers: 'stock' } },
        ...bothThreads('eager', { peer: 'torch', ...own }),
        ...bothThreads('compiled', { peer: 'torch', ...own, params: { ...own.params, compiled: true } }),
        accelerated: { ...fit, params: { alpha, classes, layers: 'stock', accelerated: true } },
      }),
    },
    targets: [
      { work: `${step}, wasm`, ...keras, ours: 'ours', limit: network.keras[0] },
      { work: `${step}, wasm, two threads`, ...keras, ours: 'ours2', limit: network.keras[1] },
      { work: `${step}, wasm`, ...onNode, ours: 'ours', limit: network.stock },
      ...(more
        ? [
            { work: `${step}, wasm`, against: 'not captured', ours: 'ours', peers: ['usual'], limit: 0.7 },
            {
              work: `${step}, outside kernels`,
              against: 'the step',
              ours: 'outside',
              peers: ['ours'],
              limit: more.outside,
            },
            { work: `${step}, tfjs-node`, ...onNode, ours: 'node', limit: more.node },
            ...(['eager', 'compiled'] as const).map((mode) => ({
              work: `${step}, wasm, two threads`,
              against: mode === 'eager' ? 'torch, eager' : 'torch.compile',
              ours: 'ours2',
              peers: [`${mode}1`, `${mode}2`],
              limit: more.torch,
            })),
            {
              ...{ work: 'model.fit of stock layers, accelerate(model), wasm', against: 'not accelerated' },
              ...{ ours: 'accelerated', peers: ['fit'], limit: more.fit },
            },
          ]
        : []),
    ],
  };
}

export const trainingStep: Question = {
  name: 'training_step',
  title: 'Training step (forward, gradients, SGD) of MobileNetV1 from the same weights',
  comparisons: CASES.map(compare),
};
