/** What does a deformable convolution (v2) cost, beside a plain one and beside those of others? */
import type { Comparison, Question } from './support/question.js';
import { DENSE, GRADIENTS, bothThreads, deformInputs, titleOf } from './support/shapes.js';

/** Limits by shape: forward against the host's plain convolution and onnxruntime-web, all gradients against torchvision. */
const LIMITS = [
  { host: 0.95, hostRelaxed: 0.82, web: 0.6, webRelaxed: 0.52, torch: 0.11, torchRelaxed: 0.08, node: 0.05 },
  { host: 0.8, hostRelaxed: 0.67, web: 0.67, webRelaxed: 0.55, torch: 0.19, torchRelaxed: 0.15, node: 0.06 },
  { host: 0.6, hostRelaxed: 0.48, web: 0.75, webRelaxed: 0.58, torch: 0.38, torchRelaxed: 0.27, node: 0.09 },
] as const;

const forward = DENSE.map((shape, index): Comparison => {
  const limits = LIMITS[index]!;
  return {
    title: titleOf(shape),
    inputs: deformInputs(shape),
    sides: {
      ours: { peer: 'wasm', work: 'deformConv2d' },
      host: { peer: 'wasm', work: 'host.conv2d', params: { fresh: true }, result: 'plain' },
      web: { peer: 'onnxruntime-web', work: 'deformConv2d' },
    },
    targets: [
      {
        work: 'deformConv2d forward, wasm',
        against: 'tf.conv2d, wasm, a new filter each call',
        ours: 'ours',
        peers: ['host'],
        limit: limits.host,
        relaxed: limits.hostRelaxed,
      },
      {
        work: 'deformConv2d forward, wasm',
        against: 'onnxruntime-web',
        ours: 'ours',
        peers: ['web'],
        limit: limits.web,
        relaxed: limits.webRelaxed,
      },
    ],
  };
});

const gradients = DENSE.map((shape, index): Comparison => {
  const limits = LIMITS[index]!;
  const work = { work: 'deformConv2d', params: GRADIENTS };
  const against = 'torchvision';
  const peers = ['torch1', 'torch2'];
  return {
    title: titleOf(shape),
    inputs: deformInputs(shape),
    sides: {
      ours: { peer: 'wasm', ...work },
      node: { peer: 'tfjs-node', threads: 2, ...work },
      ...bothThreads('torch', { peer: 'torch', ...work }),
      ...bothThreads('plain', { peer: 'tfjs-node', work: 'host.conv2d', params: GRADIENTS, result: 'plain' }),
    },
    targets: [
      {
        work: 'deformConv2d forward + all gradients, wasm',
        against,
        ours: 'ours',
        peers,
        limit: limits.torch,
        relaxed: limits.torchRelaxed,
      },
      { work: 'deformConv2d forward + all gradients, tfjs-node', against, ours: 'node', peers, limit: limits.node },
      {
        work: 'deformConv2d forward + all gradients, tfjs-node',
        against: "TensorFlow's plain convolution + both gradients, tfjs-node",
        ours: 'node',
        peers: ['plain1', 'plain2'],
        limit: 1.4,
      },
    ],
  };
});

export const deformConv2d: Question = {
  name: 'deform_conv2d',
  title: 'Modulated deformable convolution, 3×3, offsets of one pixel (standard normal)',
  comparisons: [...forward, ...gradients],
};
