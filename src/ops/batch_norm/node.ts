/**
 * batchNorm and batchNormInference on tfjs-node: large tensors by TensorFlow's fused operators, which use every core, small
 * ones by the wasm kernels, which take half the time there. Those run on a GPU too, where the fused operators hand over
 * another quantity than the variance between forward and gradient.
 */
import * as tf from '@tensorflow/tfjs';
import { NODE, TensorFlow, type Attribute } from '../../backends/node/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE, type BatchNormAttributes } from './names.js';
import * as wasm from './wasm.js';

/** Elements from which TensorFlow is faster; measured, forward and gradients. */
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

/** TensorFlow normalises images. */
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
  // The second result is the variance with Bessel's correction, the fifth the biased one, which the gradient takes.
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
