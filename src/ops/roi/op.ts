/** Shared part of the public region functions: arguments are checked once, geometry is computed once. */
import type * as tf from '@tensorflow/tfjs';
import { checkNumber, rangeError, typeError, type Action } from '../../errors.js';
import { toPair, type Pair } from '../../kernel/geometry.js';
import { checkElements } from '../../kernel/sizes.js';
import type { OptionNames } from '../../support/check_options.js';
import { imageRank, toBatch } from '../checks.js';
import { MOST_SAMPLES, type RoiGeometry } from './geometry.js';
import { checkRegions } from './regions.js';

/** Options of every region operator of torchvision. */
export interface RoiOptions {
  /** Bins per box, a number or [height, width]. */
  readonly outputSize: Pair;
  /**
   * Feature map pixels per unit of the boxes: 1 / 16 for boxes in pixels of an image 16 times as large as the feature
   * map. @default 1
   */
  readonly spatialScale?: number;
}

/** Options of the region operators that sample their bins. */
export interface SampledRoiOptions extends RoiOptions {
  /**
   * Samples per bin along each axis, at most 256; 0 or less for an adaptive number, the pixels per bin rounded up.
   * @default 0
   */
  readonly samplingRatio?: number;
}

export const ROI_OPTIONS = { outputSize: true, spatialScale: true } as const satisfies OptionNames<RoiOptions>;

export const SAMPLED_ROI_OPTIONS = {
  ...ROI_OPTIONS,
  samplingRatio: true,
} as const satisfies OptionNames<SampledRoiOptions>;

/** Image batch of a region operator, and its geometry without the output channels. */
export interface OpenedRegions {
  readonly image: tf.Tensor4D;
  readonly geometry: Omit<RoiGeometry, 'outChannels'>;
}

/** Checks the arguments shared by all region operators. */
export function openRegions(
  action: Action,
  x: unknown,
  boxes: unknown,
  boxIndices: unknown,
  bins: readonly [number, number],
  spatialScale: unknown,
): OpenedRegions {
  const image = toBatch(action, 'x', x, imageRank(action, 'x', x));
  const [batch, inHeight, inWidth, inChannels] = image.shape;
  const scale = checkNumber(action, 'spatialScale', spatialScale ?? 1, { above: 0 });
  return {
    image,
    geometry: {
      batch,
      inHeight,
      inWidth,
      inChannels,
      boxCount: checkRegions(action, boxes, boxIndices, batch),
      outHeight: bins[0],
      outWidth: bins[1],
      spatialScale: Math.fround(scale),
    },
  };
}

/** Throws if the output has more elements than kernels can index. */
export function checkOutput(action: Action, { boxCount, outHeight, outWidth, outChannels }: RoiGeometry): void {
  checkElements(action, 'output', [boxCount, outHeight, outWidth, outChannels]);
}

/** Returns the option `outputSize` as [height, width]. */
export function checkOutputSize(action: Action, outputSize: unknown): readonly [number, number] {
  return toPair(action, 'outputSize', outputSize, 1);
}

/** Returns the number of samples per bin along each axis, 0 if adaptive. */
export function checkSamplingRatio(action: Action, samplingRatio: unknown): number {
  const ratio = samplingRatio ?? 0;
  const rule = `samplingRatio must be an integer of at most ${MOST_SAMPLES}`;
  if (typeof ratio !== 'number') throw typeError(action, rule, 'samplingRatio', ratio);
  if (!Number.isInteger(ratio) || ratio > MOST_SAMPLES) throw rangeError(action, rule, 'samplingRatio', ratio);
  return Math.max(ratio, 0);
}

/** Returns the number of output channels of an operator whose bins read separate channels. */
export function positionSensitiveChannels(action: Action, x: tf.Tensor4D, bins: readonly [number, number]): number {
  const count = bins[0] * bins[1];
  const channels = x.shape[3];
  if (channels % count !== 0) {
    const rule = `the channels of x must be a multiple of outHeight · outWidth = ${count}`;
    throw rangeError(action, rule, 'x.shape', x.shape);
  }
  return channels / count;
}
