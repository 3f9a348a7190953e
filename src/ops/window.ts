/**
 * Converts an operator's window options to the geometry that its kernels read; padding modes other than zeros are
 * applied here.
 */
import type * as tf from '@tensorflow/tfjs';
import { checkOneOf, type Action } from '../errors.js';
import type { FusedActivation } from '../kernel/fused_activation.js';
import {
  PADDING_MODES,
  resolveWindow,
  WINDOW_OPTIONS,
  type ConvGeometry,
  type PaddingMode,
  type WindowOptions,
} from '../kernel/geometry.js';
import { checkSizes } from '../kernel/sizes.js';
import type { OptionNames } from '../support/check_options.js';
import { checkPixels } from './checks.js';
import { unpackHalf } from './pack_half/op.js';
import { padImage } from './pad_image/op.js';

/** Window options of an op with padding modes. */
export interface PaddedWindowOptions extends WindowOptions {
  /** How to pad the image. @default 'zeros' */
  readonly paddingMode?: PaddingMode;
}

export const PADDED_WINDOW_OPTIONS = {
  ...WINDOW_OPTIONS,
  paddingMode: true,
} as const satisfies OptionNames<PaddedWindowOptions>;

/** The image that the kernel reads, and the part of its geometry that all windows share. */
export interface OpenedWindow {
  readonly image: tf.Tensor4D;
  readonly geometry: ConvGeometry;
}

/** Kernel of a convolution: [height, width], and its channels. */
export interface WindowKernel {
  readonly size: readonly [number, number];
  readonly outChannels: number;
  readonly groups: number;
  /** @default 'linear' */
  readonly activation?: FusedActivation;
}

/**
 * Resolves the window of a kernel over an image batch [n, h, w, c], and pads the image if its padding mode is not
 * zeros. The shape is that of the image's values, if it is packed.
 */
export function openWindow(
  action: Action,
  image: tf.Tensor4D,
  kernel: WindowKernel,
  options: PaddedWindowOptions,
  shape: tf.Tensor4D['shape'] = image.shape,
): OpenedWindow {
  const mode = checkOneOf(action, 'paddingMode', options.paddingMode ?? 'zeros', PADDING_MODES);
  checkPixels(action, { shape });
  const [batch, inHeight, inWidth, inChannels] = shape;
  const window = resolveWindow(action, [inHeight, inWidth], kernel.size, options);
  if (mode !== 'zeros') {
    const { padTop, padBottom, padLeft, padRight, strides, dilations } = window;
    const padded = padImage(
      action,
      image.dtype === 'int32' ? unpackHalf(image) : image,
      [
        [padTop, padBottom],
        [padLeft, padRight],
      ],
      mode,
    );
    return openWindow(action, padded, kernel, { strides, dilations, padding: 'valid' });
  }
  const geometry: ConvGeometry = {
    batch,
    inHeight,
    inWidth,
    inChannels,
    outHeight: window.outHeight,
    outWidth: window.outWidth,
    outChannels: kernel.outChannels,
    kernelHeight: kernel.size[0],
    kernelWidth: kernel.size[1],
    strideHeight: window.strides[0],
    strideWidth: window.strides[1],
    dilationHeight: window.dilations[0],
    dilationWidth: window.dilations[1],
    padTop: window.padTop,
    padBottom: window.padBottom,
    padLeft: window.padLeft,
    padRight: window.padRight,
    groups: kernel.groups,
    activation: kernel.activation ?? 'linear',
  };
  checkSizes(action, geometry);
  return { image, geometry };
}
