/** The networks that the command line knows by name. */
import type * as tf from '@tensorflow/tfjs';
import {
  inceptionV3,
  mobileNetV1,
  mobileNetV2,
  mobileNetV3Large,
  mobileNetV3Small,
  resNeXt50,
  shuffleNetV1,
  shuffleNetV2,
  squeezeNet,
  xception,
  type ClassifierOptions,
  type WidthOptions,
} from '../models/index.js';
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
  readonly downsampling?: number | 'all' | undefined;
  readonly channels: number;
  readonly classes: number;
  /** Decides the initial weights. */
  readonly seed: number;
}

type NetworkOptions = WidthOptions & ClassifierOptions;

const NETWORKS: Readonly<Record<ModelName, (options: NetworkOptions) => tf.LayersModel>> = {
  'mobileNetV1-shallow': (options) => mobileNetV1({ ...options, shallow: true }),
  mobileNetV1,
  'mobileNetV1-full': (options) => mobileNetV1({ ...options, convolution: 'full' }),
  mobileNetV2,
  // The data are scaled to [−1, 1] for all networks alike.
  mobileNetV3Small: (options) => mobileNetV3Small({ ...options, includePreprocessing: false }),
  mobileNetV3Large: (options) => mobileNetV3Large({ ...options, includePreprocessing: false }),
  squeezeNet,
  shuffleNetV1,
  shuffleNetV2,
  xception,
  resNeXt50,
  inceptionV3,
};

/** Smallest side of the last feature maps: deformable kernels need room to look around. */
const SMALLEST_MAP = 7;
/** In all networks but SqueezeNet, which has one less. */
const STRIDED_PLACES = 5;

/** A named network with fresh weights, the same for the same settings. */
export function buildNamedModel(settings: ModelSettings): tf.LayersModel {
  const { alpha, deformable, size, channels, classes } = settings;
  const isSqueezeNet = settings.model === 'squeezeNet';
  const places = STRIDED_PLACES - (isSqueezeNet ? 1 : 0);
  const downsampling = settings.downsampling ?? Math.min(fittingDownsampling(size), places);
  const build = (): tf.LayersModel =>
    NETWORKS[settings.model]({
      inputShape: [size, size, channels],
      alpha,
      classes,
      // The classifier sees few features of small images, all of which it needs.
      dropout: 0,
      // A run on a small data set has a few hundred steps, after which statistics of the last hundred would lag behind.
      ...(isSqueezeNet ? {} : { normalizationMomentum: 0.9 }),
      ...(downsampling === 'all' ? {} : { downsampling }),
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
