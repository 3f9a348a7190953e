/** Options that networks share. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, checkNumber, checkOneOf, rangeError, typeError, type Action } from '../errors.js';
import { toHostActivation, toBoolean, toNumber, type HostActivationIdentifier } from '../layers/config.js';
import { checkOptions, type KnownOptions, type OptionNames } from '../support/check_options.js';

/** Selection of deformable convolutions. */
export interface DeformableOptions {
  /** Number of deformable convolutions, counted from the end. */
  readonly last: number;
  /** Whether to predict a weight for every sample (version 2). @default true */
  readonly modulated?: boolean;
}

/** Options of every image classification network. */
export interface ClassifierOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. @default [224, 224, 3] */
  readonly inputShape?: tf.Shape;
  /** Number of classes. @default 1000 */
  readonly classes?: number;
  /** Whether to include the classifier. @default true */
  readonly includeTop?: boolean;
  /** Output pooling without a classifier: none, or average or maximum over the image. @default none */
  readonly pooling?: 'avg' | 'max' | null;
  /** Dropout rate before the classifier. @default 0 */
  readonly dropout?: number;
  /** Activation of the classifier. @default 'softmax' */
  readonly classifierActivation?: HostActivationIdentifier;
  /** Makes the last 3×3 convolutions deformable. @default none */
  readonly deformable?: DeformableOptions;
  /** Number of stride-2 layers to keep, counted from the input; fewer for small images. @default all */
  readonly downsampling?: number;
  /** Momentum of the moving averages; lower it for runs of a few hundred steps. @default 0.99 */
  readonly normalizationMomentum?: number;
}

/** Options of networks with adjustable width. */
export interface WidthOptions {
  /** Width multiplier: factor on all numbers of channels, from 1/32 to 16. @default 1 */
  readonly alpha?: number;
}

const DEFORMABLE_OPTIONS = { last: true, modulated: true } as const satisfies OptionNames<DeformableOptions>;

const CLASSIFIER_OPTIONS = {
  inputShape: true,
  classes: true,
  includeTop: true,
  pooling: 'nullable',
  dropout: true,
  classifierActivation: true,
  deformable: true,
  downsampling: true,
  normalizationMomentum: true,
} as const satisfies OptionNames<ClassifierOptions>;

const POOLINGS = ['avg', 'max'] as const;

/** Properties of a network that {@link readClassifier} needs. */
export interface ClassifierTraits {
  /** Names of its options besides {@link ClassifierOptions}. */
  readonly own: KnownOptions;
  /** Number of stride-2 layers. */
  readonly strideLayers: number;
  /** Number of convolutions that can be deformable. */
  readonly deformable: number;
  /** Default height and width of its images. @default 224 */
  readonly size?: number;
  /** Default dropout rate. @default 0 */
  readonly dropout?: number;
  /** Default momentum of its moving averages; null for a network without normalisation. @default 0.99 */
  readonly momentum?: number | null;
}

/** [height, width, channels] of images; height and width may be unknown. */
export type ImageShape = readonly [number | null, number | null, number];

/** {@link ClassifierOptions}, checked, with their defaults. */
export interface Classifier {
  readonly inputShape: ImageShape;
  readonly classes: number;
  readonly includeTop: boolean;
  readonly pooling: 'avg' | 'max' | null;
  readonly dropout: number;
  readonly activation: HostActivationIdentifier;
  readonly modulated: boolean;
  /** Index, from 0, of the first deformable convolution among those that can be deformable. */
  readonly firstDeformable: number;
  readonly downsampling: number;
  readonly momentum: number;
}

/**
 * Checks the option names of a classification network, for those that read some options before {@link readClassifier}.
 */
export function checkClassifierOptions(
  action: Action,
  options: unknown,
  { own, momentum }: Pick<ClassifierTraits, 'own' | 'momentum'>,
): void {
  const { normalizationMomentum, ...others } = CLASSIFIER_OPTIONS;
  checkOptions(action, options, { ...own, ...others, ...(momentum === null ? {} : { normalizationMomentum }) });
}

/** Checks the options that classification networks share, and that there are no others than `traits.own`. */
export function readClassifier(action: Action, options: ClassifierOptions, traits: ClassifierTraits): Classifier {
  const { own, strideLayers, size = 224, momentum = 0.99 } = traits;
  checkClassifierOptions(action, options, { own, momentum });
  const pooling = options.pooling ?? null;
  const { last, modulated } = checkDeformable(action, options.deformable, traits.deformable);
  const downsampling = checkInteger(action, 'downsampling', options.downsampling ?? strideLayers, 0);
  if (downsampling > strideLayers) {
    throw rangeError(action, `the network has ${strideLayers} stride-2 layers`, 'downsampling', downsampling);
  }
  return {
    inputShape: toImageShape(action, options.inputShape ?? [size, size, 3]),
    classes: checkInteger(action, 'classes', options.classes ?? 1000, 1),
    includeTop: toBoolean(action, 'includeTop', options.includeTop, true),
    pooling: pooling === null ? null : checkOneOf(action, 'pooling', pooling, POOLINGS),
    dropout: toNumber(action, 'dropout', options.dropout, traits.dropout ?? 0, 0, 1),
    activation: toHostActivation(action, 'classifierActivation', options.classifierActivation ?? 'softmax'),
    modulated,
    firstDeformable: traits.deformable - last,
    downsampling,
    momentum: toNumber(action, 'normalizationMomentum', options.normalizationMomentum, momentum ?? 0, 0, 1),
  };
}

/** Reads the options with their defaults; no convolution is deformable if they are omitted. */
export function checkDeformable(
  action: Action,
  options: DeformableOptions | undefined,
  available: number,
): Required<DeformableOptions> {
  if (options === undefined) return { last: 0, modulated: true };
  checkOptions(action, options, DEFORMABLE_OPTIONS, { of: 'deformable' });
  const last = checkInteger(action, 'deformable.last', options.last, 0);
  if (last > available) {
    throw rangeError(action, `the network has ${available} such convolutions`, 'deformable.last', last);
  }
  return { last, modulated: toBoolean(action, 'deformable.modulated', options.modulated, true) };
}

/** Reads [height, width, channels]; height and width may be unknown. */
export function toImageShape(action: Action, shape: unknown): ImageShape {
  if (!Array.isArray(shape) || shape.length !== 3) {
    throw typeError(action, 'inputShape must be [height, width, channels]', 'inputShape', shape);
  }
  const [height, width, channels] = shape as unknown[];
  const size = (value: unknown): number | null =>
    value === null ? null : checkInteger(action, 'inputShape', value, 1);
  return [size(height), size(width), checkInteger(action, 'inputShape', channels, 1)];
}

/** Keeps stride 2 only in the first `count` of the rows that have it. */
export function keepStrides<Row extends { readonly strides: 1 | 2 }>(rows: readonly Row[], count: number): Row[] {
  let left = count;
  return rows.map((row) => ({ ...row, strides: row.strides === 2 && left-- > 0 ? 2 : 1 }));
}

/**
 * Limits the total stride to `outputStride`: beyond it, strides are replaced by dilation, which keeps the receptive fields of
 * the following rows (Chen et al., "Rethinking Atrous Convolution", 2017, section 3.1).
 *
 * @param from row at which dilation begins: the one after that which loses its stride, as in the paper and in residual
 * networks, or that one itself, as in torchvision's MobileNetV3
 */
export function dilateBeyond<Row extends { readonly strides: 1 | 2 }>(
  rows: readonly Row[],
  outputStride: number,
  from: 'following' | 'itself' = 'following',
): (Row & { readonly dilation: number })[] {
  let [stride, dilation] = [1, 1];
  return rows.map((row) => {
    const before = dilation;
    if (stride * row.strides <= outputStride) {
      stride *= row.strides;
      return { ...row, dilation };
    }
    dilation *= row.strides;
    return { ...row, dilation: from === 'itself' ? dilation : before, strides: 1 as const };
  });
}

/** Number of rows with stride 2. */
export function countStrides(rows: readonly { readonly strides: 1 | 2 }[]): number {
  return rows.filter(({ strides }) => strides === 2).length;
}

/** Checks {@link WidthOptions}. */
export function readAlpha(action: Action, { alpha }: WidthOptions): number {
  return checkNumber(action, 'alpha', alpha ?? 1, { from: 1 / 32, to: 16 });
}

/** Scales numbers of channels by the width, rounded down, to at least 1. */
export function scaleBy(alpha: number): (channels: number) => number {
  return (channels) => Math.max(1, Math.floor(channels * alpha));
}

/** Checks the width of a network that is published only for certain widths. */
export function readListedAlpha<Alpha extends number>(
  action: Action,
  { alpha = 1 }: WidthOptions,
  published: readonly Alpha[],
): Alpha {
  const rule = `alpha must be one of ${published.join(', ')}`;
  if (typeof alpha !== 'number') throw typeError(action, rule, 'alpha', alpha);
  const found = published.find((width) => width === alpha);
  if (found === undefined) throw rangeError(action, rule, 'alpha', alpha);
  return found;
}
