/**
 * Gradients of dilated convolutions, for `tf.conv2d`, `tf.depthwiseConv2d` and what is made of them: those of TensorFlow.js
 * refuse any dilation.
 */
import * as tf from '@tensorflow/tfjs';
import type { BilinearKernels } from './bilinear_gradients.js';
import { CONV2D } from './conv2d/kernels.js';
import { DEPTHWISE_CONV2D } from './depthwise_conv2d/kernels.js';
import { runKernelSingle } from './run_kernel.js';
import { hostGeometry, type HostAttributes } from './stock_convolutions/geometry.js';

/** A gradient to put in the place of TensorFlow.js's, which it calls where that has no fault. */
export interface OverGradient {
  readonly kernelName: string;
  readonly over: (host: tf.GradConfig) => tf.GradConfig;
}

export const DILATED_GRADIENTS: readonly OverGradient[] = [
  dilatedGradient(tf.Conv2D, CONV2D, false),
  dilatedGradient(tf.DepthwiseConv2dNative, DEPTHWISE_CONV2D, true),
];

const ACTION = 'differentiate a dilated convolution';

function dilatedGradient(kernelName: string, kernels: BilinearKernels, depthwise: boolean): OverGradient {
  const made = new WeakSet<tf.GradConfig>();
  const over = (host: tf.GradConfig): tf.GradConfig => {
    if (made.has(host)) return host;
    const own: tf.GradConfig = {
      ...host,
      gradFunc: (dy, saved, attributes) => {
        if (!isDilated(attributes as unknown as HostAttributes)) return host.gradFunc(dy, saved, attributes);
        const operands = [dy, ...saved] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
        return gradientsOf(kernels, depthwise, operands, attributes as unknown as HostAttributes);
      },
    };
    made.add(own);
    return own;
  };
  return { kernelName, over };
}

function isDilated({ dilations = 1 }: HostAttributes): boolean {
  return [dilations].flat().some((dilation) => dilation !== 1);
}

function gradientsOf(
  kernels: BilinearKernels,
  depthwise: boolean,
  [dy, x, filter]: readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D],
  attributes: HostAttributes,
): Record<string, () => tf.Tensor> {
  const isFirst = attributes.dataFormat === 'NCHW';
  const last = (tensor: tf.Tensor4D): tf.Tensor4D => (isFirst ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor);
  const image = last(x);
  const geometry = hostGeometry(attributes, image.shape, filter.shape, depthwise);
  return {
    x: () => {
      const dx = runKernelSingle(ACTION, kernels.backwardInput, { dy: last(dy), filter }, geometry);
      return isFirst ? tf.transpose(dx, [0, 3, 1, 2]) : dx;
    },
    filter: () => runKernelSingle(ACTION, kernels.backwardFilter, { x: image, dy: last(dy) }, geometry),
  };
}
