/** Networks that the command line offers by name. */
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
import { averagesMomentum } from './averages_momentum.js';
import { UsageError } from './exit_status.js';
import type { ModelName } from './model_names.js';

/** Settings that a network is built from. */
export interface ModelSettings {
  readonly model: ModelName;
  /** Width multiplier. */
  readonly alpha: number;
  /** Number of deformable layers, starting from the last. */
  readonly deformable: number;
  /** Height and width of the images in pixels. */
  readonly size: number;
  /** Number of stride-2 layers to keep; undefined for as many as leave feature maps of at least 7×7. */
  readonly downsampling?: number | 'all' | undefined;
  readonly channels: number;
  readonly classes: number;
  /** Activation of the output. @default softmax */
  readonly activation?: 'softmax' | 'sigmoid';
  /** Random seed for the initial weights. */
  readonly seed: number;
  /** Momentum of the moving averages of normalizations. @default that of a long run */
  readonly normalizationMomentum?: number;
}

type NetworkOptions = WidthOptions & ClassifierOptions;

/** A network, and where it differs from most. */
interface NamedNetwork {
  readonly build: (options: NetworkOptions) => tf.LayersModel;
  /** Number of stride-2 layers. @default 5 */
  readonly stridedLayers?: number;
  /** True if it has normalisations. @default true */
  readonly normalized?: boolean;
}

const NETWORKS: Readonly<Record<ModelName, NamedNetwork>> = {
  'mobileNetV1-shallow': { build: (options) => mobileNetV1({ ...options, shallow: true }) },
  mobileNetV1: { build: mobileNetV1 },
  'mobileNetV1-full': { build: (options) => mobileNetV1({ ...options, convolution: 'full' }) },
  mobileNetV2: { build: mobileNetV2 },
  // The data is scaled to [−1, 1] for every network.
  mobileNetV3Small: { build: (options) => mobileNetV3Small({ ...options, includePreprocessing: false }) },
  mobileNetV3Large: { build: (options) => mobileNetV3Large({ ...options, includePreprocessing: false }) },
  squeezeNet: { build: squeezeNet, stridedLayers: 4, normalized: false },
  shuffleNetV1: { build: shuffleNetV1 },
  shuffleNetV2: { build: shuffleNetV2 },
  xception: { build: xception },
  resNeXt50: { build: resNeXt50 },
  inceptionV3: { build: inceptionV3 },
};

/** Smallest side of the last feature maps: on smaller ones, most samples of a deformable kernel fall outside. */
const SMALLEST_MAP = 7;
/** Stride-2 layers of most networks. */
const STRIDED_LAYERS = 5;

/** Builds a named network with fresh weights, equal for equal settings. */
export function buildNamedModel(settings: ModelSettings): tf.LayersModel {
  const { alpha, deformable, size, channels, classes } = settings;
  const network = NETWORKS[settings.model];
  const { stridedLayers = STRIDED_LAYERS, normalized = true } = network;
  const downsampling = settings.downsampling ?? Math.min(fittingDownsampling(size), stridedLayers);
  const build = (): tf.LayersModel =>
    network.build({
      inputShape: [size, size, channels],
      alpha,
      classes,
      classifierActivation: settings.activation ?? 'softmax',
      // Small images give the classifier few features, and it needs them all.
      dropout: 0,
      ...(normalized ? { normalizationMomentum: settings.normalizationMomentum ?? averagesMomentum(Infinity) } : {}),
      ...(downsampling === 'all' ? {} : { downsampling }),
      ...(deformable > 0 ? { deformable: { last: deformable, modulated: true } } : {}),
    });
  try {
    return withSeed(new Random(settings.seed, 'initialization'), build);
  } catch (error) {
    // Every setting comes from the command line.
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Number of stride-2 layers to keep for the last feature maps to be at least 7×7, if the image allows it. */
export function fittingDownsampling(size: number): number {
  let count = 0;
  for (let side = Math.ceil(size / 2); count < STRIDED_LAYERS && side >= SMALLEST_MAP; side = Math.ceil(side / 2)) {
    count++;
  }
  return count;
}
