/**
 * MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, Table 2), with the layer
 * names and weight shapes of keras.applications.MobileNetV2, and deformable blocks.
 */
import * as tf from '@tensorflow/tfjs';
import { toMultipleOf8 } from '../layers/multiple_of_8.js';
import { layers } from '../layers/registry.js';
import { addDenseHead, apply, normalizeAndActivate } from './blocks.js';
import { addMobileNetV2Trunk, BLOCKS, NORMALIZATIONS, ROWS } from './mobilenet_v2_trunk.js';
import { network } from './network.js';
import {
  checkClassifierOptions,
  countStrides,
  keepStrides,
  readAlpha,
  readClassifier,
  type Classifier,
  type ClassifierOptions,
  type WidthOptions,
} from './options.js';
import type { OptionNames } from '../support/check_options.js';
import { readVariant, type Conventions, type VariantOptions } from './variant.js';

/** Options of {@link mobileNetV2}. */
export interface MobileNetV2Options extends WidthOptions, VariantOptions, ClassifierOptions {
  /** Momentum of the moving averages; lower it for runs of a few hundred steps. @default 0.999, in the other variants 0.9 */
  readonly normalizationMomentum?: number;
}

/** Number of channels before the classifier, not reduced in narrow networks. */
const HEAD_CHANNELS = 1280;

const ACTION = 'build mobileNetV2';
const OWN_OPTIONS = { alpha: true, variant: true } as const satisfies OptionNames<
  Omit<MobileNetV2Options, keyof ClassifierOptions>
>;

/**
 * Builds MobileNetV2, not compiled.
 *
 * Layers and weights are named as in Keras (`Conv1`, `block_3_depthwise`, `block_3_project_BN`, …), with three
 * differences that change no weight: each normalisation before a ReLU6 applies it itself, in its own kernel, and the
 * `…_relu` layer after it is an identity; depthwise convolutions of stride 2 pad themselves, and the `…_pad` layer
 * before them is an identity; deformable blocks keep the name of the depthwise convolution that they replace and add
 * the weights `offset_kernel` and `offset_bias`.
 *
 * @param options sizes of the network and its images; see {@link MobileNetV2Options}
 * @returns a model from images [n, height, width, channels] in [−1, 1] to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Sandler et al., "MobileNetV2" (2018), Tables 1 and 2; keras.applications.MobileNetV2
 * @example
 * ```ts
 * const model = conv.mobileNetV2({
 *   alpha: 0.35,
 *   inputShape: [32, 32, 3],
 *   classes: 10,
 *   downsampling: 2,
 *   deformable: { last: 2 },
 * });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 10]
 * ```
 */
export function mobileNetV2(options: MobileNetV2Options = {}): tf.LayersModel {
  checkClassifierOptions(ACTION, options, { own: OWN_OPTIONS });
  const { epsilon, momentum, evenPadding } = readVariant(ACTION, options, NORMALIZATIONS);
  const classifier = readClassifier(ACTION, options, {
    own: OWN_OPTIONS,
    strideLayers: countStrides(ROWS),
    deformable: BLOCKS,
    momentum,
  });
  const alpha = readAlpha(ACTION, options);
  const { inputShape } = classifier;
  const input = tf.input({ shape: [...inputShape] });
  const features = addFeatures(input, alpha, { ...classifier, epsilon, evenPadding });
  const outputs = addDenseHead(features, classifier, { pool: 'global_average_pooling2d' });
  return network({ inputs: input, outputs, name: `mobilenetv2_${alpha.toFixed(2)}_${inputShape[0] ?? 'any'}` });
}

type Plan = Classifier & Omit<Conventions, 'momentum'>;

/** Adds all layers before the head. */
function addFeatures(input: tf.SymbolicTensor, alpha: number, plan: Plan): tf.SymbolicTensor {
  const rows = keepStrides(ROWS, plan.downsampling);
  const parts = { deformable: plan, normalization: plan, evenPadding: plan.evenPadding };
  const { output } = addMobileNetV2Trunk(input, { alpha, rows, ...parts, padded: true });
  const filters = alpha > 1 ? toMultipleOf8(HEAD_CHANNELS * alpha) : HEAD_CHANNELS;
  const x = apply(layers.pointwiseConv2d({ name: 'Conv_1', filters, useBias: false }), output);
  return normalizeAndActivate(x, { normalization: 'Conv_1_bn', activation: 'out_relu' }, 'relu6', plan);
}
