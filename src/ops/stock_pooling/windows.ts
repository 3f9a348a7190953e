/** Attributes and windows of the 2-D and 3-D pooling gradients of TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

/** Attributes of the pooling gradients of TensorFlow.js. */
export interface StockPoolAttributes<Sizes extends readonly number[]> {
  readonly filterSize: number | Sizes;
  readonly strides: number | Sizes;
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Resolved 3-D window, as TensorFlow.js describes it. */
export type Pool3DInfo = ReturnType<typeof tf.backend_util.computePool3DInfo>;

/** [n, depth, height, width, channels]. */
export type Shape5D = [number, number, number, number, number];

/** Resolves a 3-D window with the function of TensorFlow.js, and the shape of the named input. */
export function windowOf(
  { inputs, attrs }: KernelArguments,
  image: 'x' | 'input',
): { readonly info: Pool3DInfo; readonly shape: Shape5D } {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as StockPoolAttributes<[number, number, number]>;
  const shape = inputs[image]!.shape as Shape5D;
  const info = tf.backend_util.computePool3DInfo(shape, filterSize, strides, 1, pad as 'same', dimRoundingMode);
  return { info, shape };
}

/** One axis of a 3-D window. */
export interface StockPoolAxis {
  readonly size: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
}

/** The three axes of a window: depth, height, width. */
export function axesOf(info: Pool3DInfo): readonly [StockPoolAxis, StockPoolAxis, StockPoolAxis] {
  const { padInfo } = info;
  return [
    {
      ...{ size: info.inDepth, out: info.outDepth, kernel: info.filterDepth },
      ...{ stride: info.strideDepth, before: padInfo.front },
    },
    {
      ...{ size: info.inHeight, out: info.outHeight, kernel: info.filterHeight },
      ...{ stride: info.strideHeight, before: padInfo.top },
    },
    {
      ...{ size: info.inWidth, out: info.outWidth, kernel: info.filterWidth },
      ...{ stride: info.strideWidth, before: padInfo.left },
    },
  ];
}

/** Pixels [first, end) along an axis in the window of an output position. */
export function pixelsOf({ size, kernel, stride, before }: StockPoolAxis, position: number): readonly [number, number] {
  const start = position * stride - before;
  return [Math.max(start, 0), Math.min(start + kernel, size)];
}
