/** The networks that the command line knows by name. */
import type * as tf from '@tensorflow/tfjs';
import { mobileNetV1, type MobileNetV1Options } from '../models/mobilenet_v1.js';
import { Random } from '../training/random.js';
import { withSeed } from '../training/with_seed.js';
import { UsageError } from './exit_status.js';
import type { ModelName } from './model_names.js';

/** What a network is built from. */
export interface ModelSettings {
  readonly model: ModelName;
  /** Width multiplier. */
  readonly alpha: number;
  /** Number of deformable layers, counted from the end. */
  readonly deformable: number;
  /** Height and width of the images in pixels. */
  readonly size: number;
  /** How many places with stride 2 keep it; undefined for as many as leave maps of 7×7. */
  readonly downsampling?: number | undefined;
  readonly channels: number;
  readonly classes: number;
  /** Decides the initial weights. */
  readonly seed: number;
}

const VARIANTS = {
  'mobileNetV1-shallow': { shallow: true },
  mobileNetV1: {},
  'mobileNetV1-full': { convolution: 'full' },
} as const satisfies Record<ModelName, MobileNetV1Options>;

/** Smallest side of the last feature maps: deformable kernels need room to look around. */
const SMALLEST_MAP = 7;
const STRIDED_PLACES = 5;

/** A named network with fresh weights, the same for the same settings. */
export function buildNamedModel(settings: ModelSettings): tf.LayersModel {
  const { alpha, deformable, size, channels, classes } = settings;
  const build = (): tf.LayersModel =>
    mobileNetV1({
      inputShape: [size, size, channels],
      alpha,
      classes,
      // The classifier sees few features of small images, all of which it needs.
      dropout: 0,
      // A run on a small data set has a few hundred steps, after which statistics of the last hundred would lag behind.
      normalizationMomentum: 0.9,
      downsampling: settings.downsampling ?? fittingDownsampling(size),
      ...VARIANTS[settings.model],
      ...(deformable > 0 ? { deformable: { last: deformable, modulated: true } } : {}),
    });
  try {
    return withSeed(new Random(settings.seed, 'initialization'), build);
  } catch (error) {
    // Every setting came from the command line.
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** How many of the places with stride 2 stay, so that the last maps keep at least 7×7 where the image allows it. */
export function fittingDownsampling(size: number): number {
  let places = 0;
  for (let side = Math.ceil(size / 2); places < STRIDED_PLACES && side >= SMALLEST_MAP; side = Math.ceil(side / 2))
    places++;
  return places;
}
