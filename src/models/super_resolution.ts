/**
 * FSRCNN (Dong, Loy and Tang, "Accelerating the Super-Resolution Convolutional Neural Network", 2016, section 3): all
 * convolutions run at the size of the small image, followed by one transposed convolution that upsamples.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf, rangeError } from '../errors.js';
import { toBoolean } from '../layers/config.js';
import { layers } from '../layers/registry.js';
import { apply, join } from './blocks.js';
import { network } from './network.js';
import { toImageShape } from './options.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** One network of the paper: the numbers that it calls d, s and m. */
interface Variant {
  /** Number of channels of the features. */
  readonly features: number;
  /** Number of channels between the two 1×1 convolutions. */
  readonly shrunk: number;
  /** Number of 3×3 convolutions between them. */
  readonly mappings: number;
}

const VARIANTS = {
  fsrcnn: { features: 56, shrunk: 12, mappings: 4 },
  'fsrcnn-s': { features: 32, shrunk: 5, mappings: 1 },
} as const satisfies Readonly<Record<string, Variant>>;

const VARIANT_NAMES = ['fsrcnn', 'fsrcnn-s'] as const satisfies readonly (keyof typeof VARIANTS)[];

/** Options of {@link superResolution}. */
export interface SuperResolutionOptions {
  /** [height, width, channels] of the small image; height and width may be null. @default [null, null, 1] */
  readonly inputShape?: tf.Shape;
  /** Upsampling factor, 2 to 4. @default 2 */
  readonly scale?: 2 | 3 | 4;
  /** Variant: the paper's network, or its small one, for video. @default 'fsrcnn' */
  readonly variant?: keyof typeof VARIANTS;
  /**
   * Whether to add the nearest-upsampled image to the result, so that the network learns only the missing detail, in
   * fewer steps; the paper's network has no such shortcut. @default false
   */
  readonly residual?: boolean;
}

/** Standard deviation of the transposed convolution's initial kernel, as in the paper. */
const UP_DEVIATION = 0.001;

/** Initial slope of a PReLU below zero. */
const SLOPE = 0.25;

const ACTION = 'build superResolution';
const OPTIONS = {
  inputShape: true,
  scale: true,
  variant: true,
  residual: true,
} as const satisfies OptionNames<SuperResolutionOptions>;

/**
 * Builds FSRCNN, not compiled: `extract` 5×5, `shrink` 1×1, `map_1` … 3×3, `expand` 1×1, each with a PReLU, then the
 * transposed convolution `enlarge` 9×9. The paper's network has one channel (luminance); three work the same way.
 *
 * @param options scale and sizes of the network; see {@link SuperResolutionOptions}
 * @returns a model from images [n, height, width, channels] to [n, scale · height, scale · width, channels]
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Dong et al., "Accelerating the Super-Resolution Convolutional Neural Network" (2016), Figure 2 and Table 1
 * @example
 * ```ts
 * const model = conv.superResolution({ scale: 3, variant: 'fsrcnn-s' });
 * console.log(model.predict(tf.zeros([1, 9, 14, 1])).shape); // [1, 27, 42, 1]
 * ```
 */
export function superResolution(options: SuperResolutionOptions = {}): tf.LayersModel {
  checkOptions(ACTION, options, OPTIONS);
  const inputShape = toImageShape(ACTION, options.inputShape ?? [null, null, 1]);
  const scale = checkInteger(ACTION, 'scale', options.scale ?? 2, 2);
  if (scale > 4) throw rangeError(ACTION, 'scale must be 2, 3 or 4', 'scale', scale);
  const variant = checkOneOf(ACTION, 'variant', options.variant ?? 'fsrcnn', VARIANT_NAMES);
  const residual = toBoolean(ACTION, 'residual', options.residual, false);
  const { features, shrunk, mappings } = VARIANTS[variant];

  const image = tf.input({ shape: [...inputShape] });
  const rows = [
    { name: 'extract', filters: features, kernelSize: 5 },
    { name: 'shrink', filters: shrunk, kernelSize: 1 },
    ...Array.from({ length: mappings }, (_, index) => ({ name: `map_${index + 1}`, filters: shrunk, kernelSize: 3 })),
    { name: 'expand', filters: features, kernelSize: 1 },
  ];
  const x = rows.reduce((y, row) => {
    const convolved = apply(layers.conv2d({ ...row, padding: 'same', kernelInitializer: 'heNormal' }), y);
    const alphaInitializer = tf.initializers.constant({ value: SLOPE });
    return apply(tf.layers.prelu({ name: `${row.name}_prelu`, alphaInitializer, sharedAxes: [1, 2] }), convolved);
  }, image);
  const enlarge = layers.conv2dTranspose({
    name: 'enlarge',
    filters: inputShape[2],
    kernelSize: 9,
    strides: scale,
    padding: 'same',
    kernelInitializer: tf.initializers.randomNormal({ stddev: UP_DEVIATION }),
  });
  const detail = apply(enlarge, x);
  const repeated = layers.upSampling2d({ name: 'repeat', size: scale });
  const outputs = residual ? join(tf.layers.add({ name: 'add' }), [detail, apply(repeated, image)]) : detail;
  return network({ inputs: image, outputs, name: variant });
}
