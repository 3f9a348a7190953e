/** Converts the convolution attributes of TensorFlow.js to this package's geometry. */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../../kernel/geometry.js';

type HostPadding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

/** Shape [n, h, w, c] of images, or [kh, kw, in, out] of a filter. */
export type Shape4D = [number, number, number, number];

/** Attributes of the TensorFlow.js kernels. Each kernel has those that its inputs do not determine. */
export interface HostAttributes {
  readonly strides: number | [number, number];
  readonly pad: HostPadding;
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: 'NHWC' | 'NCHW';
  /** Attribute of the filter gradients. */
  readonly filterShape?: Shape4D;
  /** Attribute of the input gradients. */
  readonly inputShape?: Shape4D;
  /** Attribute of the fused kernels. */
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

/**
 * Resolves `same`, `valid`, numbers, explicit lists and rounding with the function of TensorFlow.js, so that forward
 * and backward agree even if one of them is the stock kernel.
 */
export function hostGeometry(
  { strides, pad, dilations, dimRoundingMode }: HostAttributes,
  inputShape: Shape4D,
  filterShape: Shape4D,
  depthwise: boolean,
): ConvGeometry {
  const info = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: info.filterHeight,
    kernelWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padBottom: info.padInfo.bottom,
    padLeft: info.padInfo.left,
    padRight: info.padInfo.right,
    groups: depthwise ? info.inChannels : 1,
  };
}
