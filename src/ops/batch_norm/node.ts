/**
 * batchNorm and batchNormInference on tfjs-node: TensorFlow's fused operators for large tensors, which use every core;
 * the wasm kernels for small ones, which take half the time there. The wasm kernels also run on a GPU, where the fused
 * operators pass something other than the variance from forward to gradient.
 */
import * as tf from '@tensorflow/tfjs';
import { NODE, TensorFlow, type Attribute } from '../../backends/node/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './kernels.js';
import * as wasm from './wasm.js';

/** Number of elements from which TensorFlow is faster, measured for forward and gradients. */
const LARGE = 2 ** 20;

function kernel(
  kernelName: string,
  fallback: tf.KernelConfig,
  run: (t: TensorFlow, call: Call) => tf.Tensor | tf.Tensor[],
): tf.KernelConfig {
  return {
    kernelName,
    backendName: NODE,
    kernelFunc: (args) => {
      const { shape } = args.inputs['x']!;
      const channels = shape[shape.length - 1]!;
      const rows = sizeOf(shape.slice(0, -1));
      const t = new TensorFlow(args);
      if (rows * channels < LARGE || t.usesGpu) return fallback.kernelFunc(args);
      const attributes = (args as KernelArguments).attrs as BatchNormAttributes;
      return tf.tidy(() => run(t, { ...attributes, shape, rows, channels }));
    },
  };
}

interface Call extends BatchNormAttributes {
  readonly shape: number[];
  readonly rows: number;
  readonly channels: number;
}

/** Reshapes to images, the only tensors that TensorFlow normalises. */
function toImages(t: TensorFlow, tensor: tf.TensorInfo, { shape, rows, channels }: Call): tf.TensorInfo {
  return shape.length === 4 ? tensor : t.reshape(tensor, [rows, 1, 1, channels]);
}

function fromImages(t: TensorFlow, images: tf.Tensor, { shape }: Call): tf.Tensor {
  return shape.length === 4 ? images : t.reshape(images, shape);
}

function attributesOf(t: TensorFlow, { epsilon }: Call, training: boolean): Attribute[] {
  return [t.type('U'), t.float('epsilon', epsilon), t.flag('is_training', training)];
}

function normalize(t: TensorFlow, call: Call, statistics: readonly tf.TensorInfo[], training: boolean): tf.Tensor[] {
  const inputs = [toImages(t, t.input('x'), call), t.input('gamma'), t.input('beta'), ...statistics];
  const [images, mean, , , variance] = t.runAll('FusedBatchNormV3', inputs, attributesOf(t, call, training), 6);
  const y = fromImages(t, images!, call);
  // The second result is the variance with Bessel's correction, the fifth is the biased variance, which the gradient
  // needs.
  return [t.activated(y, call.activation), mean!, variance!];
}

function differentiate(t: TensorFlow, call: Call, training: boolean): tf.Tensor[] {
  const [upstream, y] = [t.input('dy'), t.input('y')];
  const dy = t.activationGradient(upstream, y, call.activation);
  const inputs = [
    ...[toImages(t, dy, call), toImages(t, t.input('x'), call)],
    ...[t.input('gamma'), t.input('mean'), t.input('variance'), tf.tensor1d([])],
  ];
  const [dx, dgamma, dbeta] = t.runAll('FusedBatchNormGradV3', inputs, attributesOf(t, call, training), 5);
  return [fromImages(t, dx!, call), dgamma!, dbeta!];
}

export const forward = kernel(BATCH_NORM.forward, wasm.forward, (t, call) => {
  const none = tf.tensor1d([]);
  return normalize(t, call, [none, none], true);
});

export const backward = kernel(BATCH_NORM.backward, wasm.backward, (t, call) => differentiate(t, call, true));

export const inferenceForward = kernel(
  BATCH_NORM_INFERENCE.forward,
  wasm.inferenceForward,
  (t, call) => normalize(t, call, [t.input('mean'), t.input('variance')], false)[0]!,
);

export const inferenceBackward = kernel(BATCH_NORM_INFERENCE.backward, wasm.inferenceBackward, (t, call) =>
  differentiate(t, call, false),
);
