/** Shared parts of segmentation networks: their options, and normalisation outside the trunk. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, type Action } from '../errors.js';
import { toHostActivation, toNumber, type HostActivationIdentifier } from '../layers/config.js';
import { BLOCKS } from './mobilenet_v2_trunk.js';
import {
  checkDeformable,
  readAlpha,
  toImageShape,
  type Classifier,
  type DeformableOptions,
  type ImageShape,
  type WidthOptions,
} from './options.js';
import { checkOptions, type KnownOptions, type OptionNames } from '../support/check_options.js';

/** Options of every segmentation network. */
export interface SegmentationOptions extends WidthOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. */
  readonly inputShape?: tf.Shape;
  /** Number of classes, including the background. */
  readonly classes?: number;
  /** Activation of the scores of each pixel. @default 'softmax' */
  readonly classifierActivation?: HostActivationIdentifier;
  /** Makes the depthwise or 3×3 convolutions of the trunk's last blocks deformable. @default none */
  readonly deformable?: DeformableOptions;
  /**
   * Momentum of all moving averages; lower it for runs of a few hundred steps. @default 0.999 in a trunk of MobileNetV2, 0.99
   * after it; that of torchvision in `deepLabV3`
   */
  readonly normalizationMomentum?: number;
}

const OPTIONS = {
  alpha: true,
  inputShape: true,
  classes: true,
  classifierActivation: true,
  deformable: true,
  normalizationMomentum: true,
} as const satisfies OptionNames<SegmentationOptions>;

/** {@link SegmentationOptions}, checked, with their defaults. */
export interface Segmentation {
  readonly alpha: number;
  readonly inputShape: ImageShape;
  readonly classes: number;
  readonly activation: HostActivationIdentifier;
  readonly deformable: Pick<Classifier, 'firstDeformable' | 'modulated'>;
  readonly momentum: { readonly trunk: number; readonly head: number };
}

/** Properties of a segmentation network that {@link readSegmentation} needs. */
export interface SegmentationTraits {
  /** Names of its options besides {@link SegmentationOptions}. */
  readonly own: KnownOptions;
  /** Default height and width of its images. */
  readonly size: number;
  /** Default number of classes. */
  readonly classes: number;
  /** Number of blocks of its trunk. @default that of MobileNetV2 */
  readonly blocks?: number;
  /** Default momenta of its moving averages. @default 0.999 in the trunk, 0.99 after it */
  readonly momenta?: Segmentation['momentum'];
}

/** Checks the options that segmentation networks share, and that there are no others than `own`. */
export function readSegmentation(
  action: Action,
  options: SegmentationOptions,
  { own, size, classes, blocks = BLOCKS, momenta = { trunk: 0.999, head: 0.99 } }: SegmentationTraits,
): Segmentation {
  checkOptions(action, options, { ...own, ...OPTIONS });
  const { last, modulated } = checkDeformable(action, options.deformable, blocks);
  const momentum = (otherwise: number): number =>
    toNumber(action, 'normalizationMomentum', options.normalizationMomentum, otherwise, 0, 1);
  return {
    alpha: readAlpha(action, options),
    inputShape: toImageShape(action, options.inputShape ?? [size, size, 3]),
    classes: checkInteger(action, 'classes', options.classes ?? classes, 1),
    activation: toHostActivation(action, 'classifierActivation', options.classifierActivation ?? 'softmax'),
    deformable: { firstDeformable: blocks - last, modulated },
    momentum: { trunk: momentum(momenta.trunk), head: momentum(momenta.head) },
  };
}
