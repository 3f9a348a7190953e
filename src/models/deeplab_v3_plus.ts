/**
 * DeepLabv3+ (Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation", 2018)
 * with a MobileNetV2 trunk, as in Sandler et al. 2018, section 6.3; without the decoder it is their DeepLabv3.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../errors.js';
import { toBoolean, toNumber } from '../layers/config.js';
import { readRates } from '../layers/dilation_rates.js';
import { layers } from '../layers/registry.js';
import { apply, depthwiseConvolution, join, normalizeAndActivate, type Normalization } from './blocks.js';
import { addMobileNetV2Trunk, NORMALIZATIONS, ROWS } from './mobilenet_v2_trunk.js';
import { network } from './network.js';
import { dilateBeyond } from './options.js';
import { readSegmentation, type Segmentation, type SegmentationOptions } from './segmentation.js';
import type { OptionNames } from '../support/check_options.js';
import { readVariant, type VariantOptions } from './variant.js';

/** Options of {@link deepLabV3Plus}. */
export interface DeepLabV3PlusOptions extends SegmentationOptions, VariantOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. @default [512, 512, 3] */
  readonly inputShape?: tf.Shape;
  /** Number of classes, including the background. @default 21 */
  readonly classes?: number;
  /** Ratio of image size to the size of the trunk's feature map; dilation replaces the strides beyond it. @default 16 */
  readonly outputStride?: 8 | 16;
  /** Dilation of each 3×3 branch, all different; may be empty. @default [6, 12, 18] at stride 16, [12, 24, 36] at 8 */
  readonly rates?: readonly number[];
  /** Whether to use depthwise separable convolutions for the 3×3 convolutions after the trunk. @default false */
  readonly separable?: boolean;
  /** Whether to refine the result with trunk features at output stride 4; DeepLabv3 has no such decoder. @default true */
  readonly decoder?: boolean;
  /** Number of channels of the pyramid and of the decoder. @default 256 */
  readonly filters?: number;
  /** Number of channels to which the decoder projects the trunk features. @default 48 */
  readonly lowLevelFilters?: number;
  /** Dropout rate after the pyramid. @default 0.1 */
  readonly dropout?: number;
}

/** Dilation of the pyramid's branches by output stride: sections 3.1 and 4.1 of "Rethinking Atrous Convolution". */
const RATES: Readonly<Record<8 | 16, readonly number[]>> = { 8: [12, 24, 36], 16: [6, 12, 18] };

/** Layer at output stride 4 that the decoder reads, as in the authors' code (their `layer_4/depthwise_output`). */
const LOW_LEVEL = 'block_2_depthwise_relu';

/** The decoder's 3×3 convolutions. */
const REFINEMENTS = ['decoder_conv0', 'decoder_conv1'] as const;

/** Epsilon of all normalisations outside the trunk, as in the authors' code. */
const EPSILON = 1e-5;

const ACTION = 'build deepLabV3Plus';
const OWN_OPTIONS = {
  variant: true,
  outputStride: true,
  rates: true,
  separable: true,
  decoder: true,
  filters: true,
  lowLevelFilters: true,
  dropout: true,
} as const satisfies OptionNames<Omit<DeepLabV3PlusOptions, keyof SegmentationOptions>>;

/**
 * Builds DeepLabv3+ on MobileNetV2, not compiled.
 *
 * The layers of the trunk have the names and weights of keras.applications.MobileNetV2, for every output stride. They
 * are followed by `aspp`, `decoder_low_level`, `decoder_conv0`, `decoder_conv1` (`…_depthwise` and `…_pointwise` if
 * separable) and `logits`; each normalisation has the name of its convolution plus `_BN`.
 *
 * @param options sizes of the network and its images; see {@link DeepLabV3PlusOptions}
 * @returns a model from images [n, height, width, channels] in [−1, 1] to scores [n, height, width, classes]
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Chen et al., "Encoder-Decoder with Atrous Separable Convolution" (2018), Figure 2; Sandler et al., "MobileNetV2"
 * (2018), Table 7
 * @example
 * ```ts
 * const model = conv.deepLabV3Plus({ alpha: 0.35, inputShape: [65, 97, 3], classes: 4, filters: 32, separable: true });
 * console.log(model.predict(tf.zeros([1, 65, 97, 3])).shape); // [1, 65, 97, 4]
 * ```
 */
export function deepLabV3Plus(options: DeepLabV3PlusOptions = {}): tf.LayersModel {
  const { own, common } = readOptions(options);
  const { epsilon, evenPadding, ...library } = readVariant(ACTION, options, NORMALIZATIONS);
  const { alpha, inputShape, classes, activation, deformable, momentum } = common;
  const { outputStride, rates, separable, filters, dropout } = own;
  const head = { momentum: momentum.head, epsilon: EPSILON };

  const image = tf.input({ shape: [...inputShape] });
  const { output, activated } = addMobileNetV2Trunk(image, {
    alpha,
    rows: dilateBeyond(ROWS, outputStride),
    deformable,
    normalization: { momentum: options.normalizationMomentum ?? library.momentum, epsilon },
    evenPadding,
  });
  let x = apply(layers.atrousSpatialPyramidPooling({ name: 'aspp', filters, rates, separable, ...head }), output);
  if (dropout > 0) x = apply(layers.dropout({ name: 'aspp_dropout', rate: dropout }), x);
  if (own.decoder) x = addDecoder(x, activated.get(LOW_LEVEL)!, { ...own, normalization: head });
  x = apply(layers.pointwiseConv2d({ name: 'logits', filters: classes }), x);
  x = join(layers.resizeBilinear({ name: 'logits_resize' }), [x, image]);
  const outputs = apply(tf.layers.activation({ name: 'predictions', activation }), x);
  return network({ inputs: image, outputs, name: own.decoder ? 'deeplabv3plus' : 'deeplabv3' });
}

/** {@link DeepLabV3PlusOptions} that other networks lack, checked, with their defaults. */
type OwnOptions = Required<Omit<DeepLabV3PlusOptions, keyof SegmentationOptions | keyof VariantOptions>>;

function readOptions(options: DeepLabV3PlusOptions): { readonly own: OwnOptions; readonly common: Segmentation } {
  const common = readSegmentation(ACTION, options, { own: OWN_OPTIONS, size: 512, classes: 21 });
  const outputStride = checkInteger(ACTION, 'outputStride', options.outputStride ?? 16, 1);
  if (outputStride !== 8 && outputStride !== 16) {
    throw rangeError(ACTION, 'outputStride must be 8 or 16', 'outputStride', outputStride);
  }
  const own = {
    outputStride,
    rates: readRates(ACTION, options.rates ?? RATES[outputStride]),
    separable: toBoolean(ACTION, 'separable', options.separable, false),
    decoder: toBoolean(ACTION, 'decoder', options.decoder, true),
    filters: checkInteger(ACTION, 'filters', options.filters ?? 256, 1),
    lowLevelFilters: checkInteger(ACTION, 'lowLevelFilters', options.lowLevelFilters ?? 48, 1),
    dropout: toNumber(ACTION, 'dropout', options.dropout, 0.1, 0, 1),
  } as const;
  return { own, common };
}

interface Decoder extends Pick<OwnOptions, 'separable' | 'filters' | 'lowLevelFilters'> {
  readonly normalization: Normalization;
}

/** Concatenates the pyramid's output, resized, with features of the trunk, and applies two 3×3 convolutions. */
function addDecoder(x: tf.SymbolicTensor, features: tf.SymbolicTensor, decoder: Decoder): tf.SymbolicTensor {
  const { separable, filters, lowLevelFilters, normalization } = decoder;
  const unit = (layer: tf.layers.Layer, y: tf.SymbolicTensor): tf.SymbolicTensor => {
    const names = { normalization: `${layer.name}_BN`, activation: `${layer.name}_relu` };
    return normalizeAndActivate(apply(layer, y), names, 'relu', normalization);
  };
  const pointwise = (name: string, channels: number): tf.layers.Layer =>
    layers.pointwiseConv2d({ name, filters: channels, useBias: false });

  const lowLevel = unit(pointwise('decoder_low_level', lowLevelFilters), features);
  const resized = join(layers.resizeBilinear({ name: 'decoder_resize' }), [x, lowLevel]);
  const concatenated = join(tf.layers.concatenate({ name: 'decoder_concat' }), [resized, lowLevel]);
  return REFINEMENTS.reduce((y, name) => {
    const window = { kernelSize: 3, padding: 'same' } as const;
    if (!separable) return unit(layers.conv2d({ name, filters, useBias: false, ...window }), y);
    const depthwise = unit(depthwiseConvolution({ name: `${name}_depthwise`, ...window }, undefined), y);
    return unit(pointwise(`${name}_pointwise`, filters), depthwise);
  }, concatenated);
}
