/**
 * DeepLabv3 (Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017) as torchvision has it: a
 * pyramid and a 3×3 convolution on a dilated MobileNetV3-Large or ResNet-50, without a decoder.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf } from '../errors.js';
import { toNumber } from '../layers/config.js';
import { readRates } from '../layers/dilation_rates.js';
import { layers } from '../layers/registry.js';
import { apply, join, normalizeAndActivate } from './blocks.js';
import { addMobileNetV3LargeTrunk, LARGE_BLOCKS } from './mobilenet_v3.js';
import { network } from './network.js';
import { addResNeXt50Trunk, RESNET50_BLOCKS } from './resnext50.js';
import { readSegmentation, type Segmentation, type SegmentationOptions } from './segmentation.js';
import type { OptionNames } from '../support/check_options.js';

/** Options of {@link deepLabV3}. */
export interface DeepLabV3Options extends SegmentationOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. @default [512, 512, 3] */
  readonly inputShape?: tf.Shape;
  /** Number of classes, including the background. @default 21 */
  readonly classes?: number;
  /** Trunk; the feature map of MobileNetV3 has output stride 16, that of ResNet-50 8. @default 'mobileNetV3Large' */
  readonly trunk?: 'mobileNetV3Large' | 'resNet50';
  /** Dilation of each 3×3 branch of the pyramid, all different; may be empty. @default [12, 24, 36] */
  readonly rates?: readonly number[];
  /** Number of channels of the pyramid and of the convolution after it. @default 256 */
  readonly filters?: number;
  /** Dropout rate after the pyramid. @default 0.5 */
  readonly dropout?: number;
}

const TRUNKS = {
  mobileNetV3Large: { blocks: LARGE_BLOCKS, momentum: 0.99 },
  resNet50: { blocks: RESNET50_BLOCKS, momentum: 0.9 },
} as const;

/** Epsilon and momentum of the normalisations after the trunk. */
const HEAD = { epsilon: 1e-5, momentum: 0.9 } as const;

const ACTION = 'build deepLabV3';
const OWN_OPTIONS = { trunk: true, rates: true, filters: true, dropout: true } as const satisfies OptionNames<
  Omit<DeepLabV3Options, keyof SegmentationOptions>
>;

/**
 * Builds DeepLabv3, not compiled. `loadSafetensors` reads torchvision's weights of it.
 *
 * The layers of the trunk are named as in {@link mobileNetV3Large} or {@link resNeXt50}, and pad and normalise as in torchvision.
 * They are followed by `aspp`, `head_conv`, `head_conv_BN` and `logits`.
 *
 * @param options sizes of the network and its images; see {@link DeepLabV3Options}
 * @returns a model from images [n, height, width, channels], normalised as in torchvision, to scores [n, height, width, classes]
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Chen et al., "Rethinking Atrous Convolution" (2017), Figure 5; torchvision.models.segmentation.deeplabv3_mobilenet_v3_large
 * @example
 * ```ts
 * const model = conv.deepLabV3({ alpha: 0.35, inputShape: [65, 97, 3], classes: 4, filters: 16 });
 * console.log(model.predict(tf.zeros([1, 65, 97, 3])).shape); // [1, 65, 97, 4]
 * ```
 */
export function deepLabV3(options: DeepLabV3Options = {}): tf.LayersModel {
  const { trunk, rates, filters, dropout, common } = readOptions(options);
  const { inputShape, classes, activation, momentum } = common;
  const head = { ...HEAD, momentum: momentum.head };

  const image = tf.input({ shape: [...inputShape] });
  let x = addTrunk(image, trunk, common);
  x = apply(layers.atrousSpatialPyramidPooling({ name: 'aspp', filters, rates, ...head }), x);
  if (dropout > 0) x = apply(layers.dropout({ name: 'aspp_dropout', rate: dropout }), x);
  x = apply(layers.conv2d({ name: 'head_conv', filters, kernelSize: 3, padding: 'same', useBias: false }), x);
  x = normalizeAndActivate(x, { normalization: 'head_conv_BN', activation: 'head_conv_relu' }, 'relu', head);
  x = apply(layers.pointwiseConv2d({ name: 'logits', filters: classes }), x);
  x = join(layers.resizeBilinear({ name: 'logits_resize' }), [x, image]);
  const outputs = apply(tf.layers.activation({ name: 'predictions', activation }), x);
  return network({ inputs: image, outputs, name: 'deeplabv3' });
}

/** {@link DeepLabV3Options}, checked, with their defaults. */
type Plan = Required<Pick<DeepLabV3Options, keyof typeof OWN_OPTIONS>> & { readonly common: Segmentation };

function readOptions(options: DeepLabV3Options): Plan {
  const names = Object.keys(TRUNKS) as (keyof typeof TRUNKS)[];
  // Its name is checked below: unknown options are refused first, and reading the others takes its number of blocks.
  const trunk = names.find((name) => name === (options as DeepLabV3Options | null)?.trunk) ?? 'mobileNetV3Large';
  const { blocks, momentum } = TRUNKS[trunk];
  const momenta = { trunk: momentum, head: HEAD.momentum };
  const common = readSegmentation(ACTION, options, { own: OWN_OPTIONS, size: 512, classes: 21, blocks, momenta });
  return {
    trunk: checkOneOf(ACTION, 'trunk', options.trunk ?? trunk, names),
    rates: readRates(ACTION, options.rates ?? [12, 24, 36]),
    filters: checkInteger(ACTION, 'filters', options.filters ?? 256, 1),
    dropout: toNumber(ACTION, 'dropout', options.dropout, 0.5, 0, 1),
    common,
  };
}

function addTrunk(image: tf.SymbolicTensor, trunk: Plan['trunk'], common: Segmentation): tf.SymbolicTensor {
  const { alpha, deformable } = common;
  const shared = { alpha, deformable, momentum: common.momentum.trunk };
  if (trunk === 'mobileNetV3Large') return addMobileNetV3LargeTrunk(image, shared);
  return addResNeXt50Trunk(image, { ...shared, groups: 1, groupWidth: 64, outputStride: 8 });
}
