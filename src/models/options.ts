/** Options that networks have in common. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, checkNumber, checkOneOf, rangeError, typeError, type Action } from '../errors.js';
import { toHostActivation, toBoolean, toNumber, type HostActivationIdentifier } from '../layers/config.js';
import { checkOptions, type KnownOptions, type OptionNames } from '../support/check_options.js';

/** Which convolutions of a network are deformable. */
export interface DeformableOptions {
  /** How many, counted from the end. */
  readonly last: number;
  /** Whether every sample also has a learned weight (version 2). @default true */
  readonly modulated?: boolean;
}

/** Options of every network that classifies images. */
export interface ClassifierOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. @default [224, 224, 3] */
  readonly inputShape?: tf.Shape;
  /** Number of classes. @default 1000 */
  readonly classes?: number;
  /** Whether the network ends in the classifier. @default true */
  readonly includeTop?: boolean;
  /** What follows the last block without a classifier: nothing, or a mean or maximum over the image. @default none */
  readonly pooling?: 'avg' | 'max' | null;
  /** Part of the features before the classifier that training drops. @default 0 */
  readonly dropout?: number;
  /** @default 'softmax' */
  readonly classifierActivation?: HostActivationIdentifier;
  /** Makes the 3×3 convolutions of the last blocks deformable. @default none */
  readonly deformable?: DeformableOptions;
  /** How many of the places with stride 2 keep it, counted from the input; fewer for small images. @default all */
  readonly downsampling?: number;
  /** How much of the moving statistics one training step keeps; less for runs of a few hundred steps. @default 0.99 */
  readonly normalizationMomentum?: number;
}

/** Options of a network whose width can be chosen. */
export interface WidthOptions {
  /** Width of the network, from 1/32 to 16: what all its numbers of channels are multiplied by. @default 1 */
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

/** What a network says of itself for {@link readClassifier}. */
export interface ClassifierTraits {
  /** Names of its options besides {@link ClassifierOptions}. */
  readonly own: KnownOptions;
  /** Places with stride 2. */
  readonly places: number;
  /** Convolutions that can be deformable. */
  readonly deformable: number;
  /** Height and width of its images. @default 224 */
  readonly size?: number;
  /** @default 0 */
  readonly dropout?: number;
  /** Of its normalisations; null where it has none. @default 0.99 */
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
  /** Index, from 0, of the first convolution that is deformable, among those that can be. */
  readonly firstDeformable: number;
  readonly downsampling: number;
  readonly momentum: number;
}

/** Checks the names of a classification network's options; for those that read some before {@link readClassifier}. */
export function checkClassifierOptions(
  action: Action,
  options: unknown,
  { own, momentum }: Pick<ClassifierTraits, 'own' | 'momentum'>,
): void {
  const { normalizationMomentum, ...others } = CLASSIFIER_OPTIONS;
  checkOptions(action, options, { ...own, ...others, ...(momentum === null ? {} : { normalizationMomentum }) });
}

/** Checks all options that classification networks have in common, and that there are no others than `traits.own`. */
export function readClassifier(action: Action, options: ClassifierOptions, traits: ClassifierTraits): Classifier {
  const { own, places, size = 224, momentum = 0.99 } = traits;
  checkClassifierOptions(action, options, { own, momentum });
  const pooling = options.pooling ?? null;
  const { last, modulated } = checkDeformable(action, options.deformable, traits.deformable);
  const downsampling = checkInteger(action, 'downsampling', options.downsampling ?? places, 0);
  if (downsampling > places) {
    throw rangeError(action, `there are ${places} places with stride 2`, 'downsampling', downsampling);
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

/** The options with their defaults; none is deformable where there are none. */
export function checkDeformable(
  action: Action,
  options: DeformableOptions | undefined,
  available: number,
): Required<DeformableOptions> {
  if (options === undefined) return { last: 0, modulated: true };
  checkOptions(action, options, DEFORMABLE_OPTIONS, { of: 'deformable' });
  const last = checkInteger(action, 'deformable.last', options.last, 0);
  if (last > available) throw rangeError(action, `there are ${available} such convolutions`, 'deformable.last', last);
  return { last, modulated: toBoolean(action, 'deformable.modulated', options.modulated, true) };
}

/** [height, width, channels]; height and width may be unknown. */
export function toImageShape(action: Action, shape: unknown): ImageShape {
  if (!Array.isArray(shape) || shape.length !== 3) {
    throw typeError(action, 'inputShape must be [height, width, channels]', 'inputShape', shape);
  }
  const [height, width, channels] = shape as unknown[];
  const size = (value: unknown): number | null =>
    value === null ? null : checkInteger(action, 'inputShape', value, 1);
  return [size(height), size(width), checkInteger(action, 'inputShape', channels, 1)];
}

/** The rows with stride 2 only at the first `places` of those that have it. */
export function keepStrides<Row extends { readonly strides: 1 | 2 }>(rows: readonly Row[], places: number): Row[] {
  let left = places;
  return rows.map((row) => ({ ...row, strides: row.strides === 2 && left-- > 0 ? 2 : 1 }));
}

/** How many rows have stride 2. */
export function countStrides(rows: readonly { readonly strides: 1 | 2 }[]): number {
  return rows.filter(({ strides }) => strides === 2).length;
}

/** Checks {@link WidthOptions}. */
export function readAlpha(action: Action, { alpha }: WidthOptions): number {
  return checkNumber(action, 'alpha', alpha ?? 1, { from: 1 / 32, to: 16 });
}

/** Numbers of channels at a width, rounded down, but never to none. */
export function scaleBy(alpha: number): (channels: number) => number {
  return (channels) => Math.max(1, Math.floor(channels * alpha));
}

/** Checks the width of a network that is published for some widths only. */
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
