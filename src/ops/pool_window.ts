/** Converts the options of a pooling operator to the geometry that its kernels read, that of a depthwise window. */
import * as tf from '@tensorflow/tfjs';
import { rangeError, type Action } from '../errors.js';
import {
  normalizePadding,
  resolveWindow,
  toPair,
  type ConvGeometry,
  type Padding,
  type Pair,
} from '../kernel/geometry.js';
import { checkSizes } from '../kernel/sizes.js';
import type { OptionNames } from '../support/check_options.js';
import { checkCall, checkPixels, imageRank, toBatch } from './checks.js';
import { runKernelSingle } from './run_kernel.js';

/** Options of {@link maxPool2d} and {@link avgPool2d}. */
export interface Pool2DOptions {
  /** Size of the window in pixels: a number or [height, width]. */
  readonly poolSize: Pair;
  /** Strides of the window in pixels: a number or [height, width]. @default poolSize */
  readonly strides?: Pair;
  /** `'same'`, `'valid'`, a number, [height, width] or [[top, bottom], [left, right]] in pixels. @default 'valid' */
  readonly padding?: Padding;
}

const OPTIONS: OptionNames<Pool2DOptions> = { poolSize: true, strides: true, padding: true };

/** Pooling window with all defaults resolved, as layers store it. */
export interface PoolWindow {
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: ReturnType<typeof normalizePadding>;
}

/** Validates the options of a pooling window and resolves defaults. */
export function readPoolWindow(action: Action, { poolSize, strides, padding }: Pool2DOptions): PoolWindow {
  const size = toPair(action, 'poolSize', poolSize, 1);
  return {
    poolSize: size,
    strides: toPair(action, 'strides', strides ?? size, 1),
    padding: normalizePadding(action, padding ?? 'valid'),
  };
}

/** Geometry of the window over an image batch [n, h, w, c]. */
export function poolGeometry(
  action: Action,
  [batch, inHeight, inWidth, channels]: readonly [number, number, number, number],
  { poolSize, strides, padding }: PoolWindow,
): ConvGeometry {
  const window = resolveWindow(action, [inHeight, inWidth], poolSize, { strides, padding });
  const { outHeight, outWidth, padTop, padBottom, padLeft, padRight } = window;
  const isInside = (axis: 0 | 1, before: number, out: number, size: number): boolean =>
    before < poolSize[axis] && (out - 1) * strides[axis] - before < size;
  if (!isInside(0, padTop, outHeight, inHeight) || !isInside(1, padLeft, outWidth, inWidth)) {
    const rule = `every window of poolSize = [${poolSize.join(', ')}] must hold a pixel of the image`;
    const sides = [
      [padTop, padBottom],
      [padLeft, padRight],
    ];
    throw rangeError(action, rule, 'padding', sides);
  }
  const geometry: ConvGeometry = {
    ...{ batch, inHeight, inWidth, inChannels: channels, outHeight, outWidth, outChannels: channels },
    ...{ kernelHeight: poolSize[0], kernelWidth: poolSize[1], strideHeight: strides[0], strideWidth: strides[1] },
    ...{ dilationHeight: 1, dilationWidth: 1, padTop, padBottom, padLeft, padRight, groups: channels },
  };
  checkSizes(action, geometry);
  return geometry;
}

/** Runs the forward kernel of a pooling operator on an image or a batch of images. */
export function pool<T extends tf.Tensor3D | tf.Tensor4D>(
  name: string,
  kernel: string,
  x: T,
  options: unknown,
  more: readonly unknown[],
): T {
  const action = `run ${name}`;
  checkCall(action, `${name}(x, {poolSize: 3, strides: 2, padding: 'same'})`, options, OPTIONS, more);
  const window = readPoolWindow(action, options as Pool2DOptions);
  return tf.tidy(() => {
    const rank = imageRank(action, 'x', x);
    const images = toBatch(action, 'x', x, rank);
    checkPixels(action, images);
    const y = runKernelSingle(action, kernel, { x: images }, poolGeometry(action, images.shape, window));
    return (rank === 3 ? tf.squeeze(y, [0]) : y) as T;
  });
}
