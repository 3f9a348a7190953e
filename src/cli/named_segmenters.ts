/** Segmentation networks that the command line offers by name. */
import type * as tf from '@tensorflow/tfjs';
import { deepLabV3Plus, mobileNetUNet } from '../models/index.js';
import { Random } from '../training/random.js';
import { withSeed } from '../training/with_seed.js';
import { UsageError } from './exit_status.js';
import type { SegmenterName } from './model_names.js';

/** Settings that a network is built from. */
export interface SegmenterSettings {
  readonly model: SegmenterName;
  /** Width multiplier. */
  readonly alpha: number;
  /** Number of deformable layers of the trunk, starting from the last. */
  readonly deformable: number;
  /** Height and width of the images in pixels. */
  readonly size: number;
  readonly channels: number;
  readonly classes: number;
  /** Random seed for the initial weights. */
  readonly seed: number;
  /** Momentum of the moving averages of normalizations. */
  readonly normalizationMomentum: number;
}

/** Side of images below which the dilations of DeepLabv3+ would reach beyond its feature map. */
const SMALL = 256;
/** Channels of the decoder stages of the U-Net at width 1, and the number that they are multiples of. */
const STAGES = [512, 256, 128, 64] as const;
const MULTIPLE = 8;

/** Builds a named network with fresh weights, equal for equal settings. */
export function buildNamedSegmenter(settings: SegmenterSettings): tf.LayersModel {
  const { model, alpha, deformable, size, channels, classes, seed, normalizationMomentum } = settings;
  const common = {
    alpha,
    classes,
    inputShape: [size, size, channels],
    normalizationMomentum,
    ...(deformable > 0 ? { deformable: { last: deformable, modulated: true } } : {}),
  };
  const scaled = (filters: number): number => MULTIPLE * Math.max(1, Math.round((alpha * filters) / MULTIPLE));
  const build = (): tf.LayersModel => {
    if (model === 'mobileNetUNet') {
      const [first, second, third, fourth] = STAGES.map(scaled) as [number, number, number, number];
      return mobileNetUNet({ ...common, filters: [first, second, third, fourth] });
    }
    const small = { outputStride: 8, rates: [1, 2, 3] } as const;
    return deepLabV3Plus({
      ...common,
      ...(size < SMALL ? small : {}),
      separable: true,
      filters: scaled(256),
      lowLevelFilters: scaled(48),
      dropout: 0,
    });
  };
  try {
    return withSeed(new Random(seed, 'initialization'), build);
  } catch (error) {
    // Every setting comes from the command line.
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
