/** Benchmark: time of a training step of MobileNetV1. */
import { networkInputs, type NetworkSize } from './support/mobilenet.js';
import type { Comparison, Question } from './support/question.js';
import { bothThreads } from './support/shapes.js';

interface Case extends NetworkSize {
  readonly stock: number;
  readonly keras: number;
  /** Layers of this package on tfjs-node. */
  readonly node?: number;
}

const CASES: readonly Case[] = [
  { size: 32, batch: 32, alpha: 0.25, classes: 10, stock: 0.13, keras: 1, node: 0.3 },
  { size: 96, batch: 8, alpha: 0.25, classes: 10, stock: 0.2, keras: 1.3 },
];

function compare(network: Case): Comparison {
  const { size, batch, alpha, classes } = network;
  const own = { work: 'trainingStep', params: { alpha, classes, layers: 'own' } };
  const stock = { work: 'trainingStep', params: { alpha, classes, layers: 'stock' } };
  const step = `MobileNetV1 α = ${alpha}, training step`;
  const stockSides = ['stock1', 'stock2'];
  const onNode = {
    work: `${step}, tfjs-node`,
    against: 'stock layers, tfjs-node',
    ours: 'node',
    peers: stockSides,
  };
  return {
    title: `${size}², batch ${batch}`,
    inputs: networkInputs(network),
    // Tolerance after one float32 step through 28 layers of batch normalization.
    tolerance: 0.02,
    sides: {
      ours: { peer: 'wasm', ...own },
      node: { peer: 'tfjs-node', threads: 2, ...own },
      ...bothThreads('stock', { peer: 'tfjs-node', ...stock }),
      ...bothThreads('keras', { peer: 'keras', ...own }),
    },
    targets: [
      {
        work: `${step}, wasm`,
        against: 'stock layers, tfjs-node',
        ours: 'ours',
        peers: stockSides,
        limit: network.stock,
      },
      {
        work: `${step}, wasm`,
        against: 'Keras on TensorFlow, tf.function',
        ours: 'ours',
        peers: ['keras1', 'keras2'],
        limit: network.keras,
      },
      ...(network.node === undefined ? [] : [{ ...onNode, limit: network.node }]),
    ],
  };
}

export const trainingStep: Question = {
  name: 'training_step',
  title: 'Training step (forward, gradients, SGD) of MobileNetV1 from the same weights',
  comparisons: CASES.map(compare),
};
