/**
 * U-Net (Ronneberger, Fischer and Brox, "U-Net", 2015) with a MobileNetV2 encoder, as in TensorFlow's tutorial on image
 * segmentation, with its sizes.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, typeError } from '../errors.js';
import { toBoolean } from '../layers/config.js';
import { layers } from '../layers/registry.js';
import { apply, join, normalizeAndActivate } from './blocks.js';
import { cropTo } from './crop_to.js';
import { addMobileNetV2Trunk, ROWS } from './mobilenet_v2_trunk.js';
import { network } from './network.js';
import { readSegmentation, type SegmentationOptions } from './segmentation.js';
import type { OptionNames } from '../support/check_options.js';

/** Options of {@link mobileNetUNet}. */
export interface MobileNetUNetOptions extends SegmentationOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. @default [128, 128, 3] */
  readonly inputShape?: tf.Shape;
  /** Number of classes, including the background. @default 3 */
  readonly classes?: number;
  /** Number of channels of the decoder stages, from the smallest feature map. @default [512, 256, 128, 64] */
  readonly filters?: readonly [number, number, number, number];
  /** Whether to freeze the encoder, for pretrained weights. @default false */
  readonly freezeEncoder?: boolean;
}

/** Encoder layers that the decoder concatenates, from the smallest feature map. */
const SKIPS = ['block_13_expand_relu', 'block_6_expand_relu', 'block_3_expand_relu', 'block_1_expand_relu'] as const;

const ACTION = 'build mobileNetUNet';
const OWN_OPTIONS = { filters: true, freezeEncoder: true } as const satisfies OptionNames<
  Omit<MobileNetUNetOptions, keyof SegmentationOptions>
>;

/**
 * Builds MobileNetV2-UNet, not compiled.
 *
 * The layers of the encoder have the names and weights of keras.applications.MobileNetV2, up to `block_16_project`;
 * those of the decoder are `up_1`, `up_1_BN`, … `up_4_BN` and `logits`. Feature maps of odd height or width are
 * upsampled to one too many and cropped.
 *
 * @param options sizes of the network and its images; see {@link MobileNetUNetOptions}
 * @returns a model from images [n, height, width, channels] in [−1, 1] to scores [n, height, width, classes]
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Ronneberger et al., "U-Net" (2015), Figure 1; tensorflow.org/tutorials/images/segmentation
 * @example
 * ```ts
 * const model = conv.mobileNetUNet({ alpha: 0.35, inputShape: [48, 63, 3], filters: [64, 48, 32, 16] });
 * console.log(model.predict(tf.zeros([1, 48, 63, 3])).shape); // [1, 48, 63, 3]
 * ```
 */
export function mobileNetUNet(options: MobileNetUNetOptions = {}): tf.LayersModel {
  const segmentation = readSegmentation(ACTION, options, {
    own: OWN_OPTIONS,
    size: 128,
    classes: 3,
  });
  const { alpha, inputShape, classes, activation, deformable, momentum } = segmentation;
  const filters = readFilters(options.filters);
  const frozen = toBoolean(ACTION, 'freezeEncoder', options.freezeEncoder, false);

  const image = tf.input({ shape: [...inputShape] });
  const normalization = { momentum: momentum.trunk };
  const trunk = addMobileNetV2Trunk(image, { alpha, rows: ROWS, deformable, normalization, bare: true });
  if (frozen) {
    for (const layer of tf.model({ inputs: image, outputs: trunk.output }).layers) layer.trainable = false;
  }
  const outputs = SKIPS.reduce((x, name, index) => {
    const up = `up_${index + 1}`;
    const skip = trunk.activated.get(name)!;
    const upsampled = apply(layers.conv2dTranspose({ name: up, filters: filters[index]!, useBias: false, ...UP }), x);
    const names = { normalization: `${up}_BN`, activation: `${up}_relu` };
    const y = normalizeAndActivate(cropTo(skip, upsampled, up), names, 'relu', { momentum: momentum.head });
    return join(tf.layers.concatenate({ name: `${up}_concat` }), [y, skip]);
  }, trunk.output);
  const logits = apply(layers.conv2dTranspose({ name: 'logits', filters: classes, ...UP }), outputs);
  const scores = cropTo(image, logits, 'logits');
  const predictions = apply(tf.layers.activation({ name: 'predictions', activation }), scores);
  return network({ inputs: image, outputs: predictions, name: 'mobilenet_unet' });
}

/** Options of every upsampling, which doubles the feature map. */
const UP = { kernelSize: 3, strides: 2, padding: 'same' } as const;

function readFilters(value: unknown = [512, 256, 128, 64]): readonly number[] {
  if (!Array.isArray(value) || value.length !== SKIPS.length) {
    throw typeError(ACTION, `filters must be a list of ${SKIPS.length} integers`, 'filters', value);
  }
  return value.map((count) => checkInteger(ACTION, 'filters', count, 1));
}
