/**
 * Detector of RFB Net (Liu, Huang and Wang, "Receptive Field Block Net for Accurate and Fast Object Detection", 2018,
 * Figure 5) for any trunk: receptive field blocks on feature maps of decreasing size, each of which predicts classes
 * and offsets of the anchor boxes at every position. With plain convolutions instead it is the SSD that the paper
 * compares with.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf, rangeError, typeError } from '../errors.js';
import { toNumber } from '../layers/config.js';
import { layers } from '../layers/registry.js';
import type { ReceptiveFieldBlockVariant } from '../layers/receptive_field_block.js';
import { apply, channelsOf, join, normalize } from './blocks.js';
import { network } from './network.js';
import { readAlpha, scaleBy, type WidthOptions } from './options.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkModel } from '../support/check_model.js';

const BLOCKS = ['rfb', 'plain'] as const;

/** Options of {@link rfbHead}. */
export interface RfbHeadOptions extends WidthOptions {
  /** Names of the two trunk layers that feed the first two scales, the finer one first. */
  readonly layers: readonly [string, string];
  /** Number of classes, including the background as class 0. */
  readonly classes: number;
  /** Number of feature maps on which boxes are predicted; fewer for small images. @default 6 */
  readonly scales?: number;
  /** Kind of blocks: receptive field blocks, or those of SSD: none, or a 1×1 and a 3×3 convolution. @default 'rfb' */
  readonly blocks?: (typeof BLOCKS)[number];
  /** Momentum of the moving averages; lower it for runs of a few hundred steps. @default 0.99 */
  readonly normalizationMomentum?: number;
}

/** One feature map. */
interface Scale {
  /** Source of the feature map: a layer of the trunk, or the previous scale. */
  readonly from: 'trunk' | 'before';
  /** Variant of the receptive field block; absent where both kinds have a 1×1 and a 3×3 convolution without padding. */
  readonly variant?: ReceptiveFieldBlockVariant;
  /** Dilation of the block's first branch. */
  readonly visual?: number;
  /** Number of output channels of the block; by default that of its input. */
  readonly channels?: number;
  /** Number of channels between the 1×1 and the 3×3 convolution. */
  readonly squeeze?: number;
  readonly strides: 1 | 2;
  /** Number of boxes per position. */
  readonly boxes: 4 | 6;
}

/** RFB Net 300: feature maps of 38, 19, 10, 5, 3 and 1 rows. */
const SCALES = [
  { from: 'trunk', variant: 'rfb-a', strides: 1, boxes: 6 },
  { from: 'trunk', variant: 'rfb', visual: 2, strides: 1, boxes: 6 },
  { from: 'before', variant: 'rfb', visual: 2, squeeze: 256, channels: 512, strides: 2, boxes: 6 },
  { from: 'before', variant: 'rfb', visual: 2, squeeze: 128, channels: 256, strides: 2, boxes: 6 },
  { from: 'before', squeeze: 128, channels: 256, strides: 1, boxes: 4 },
  { from: 'before', squeeze: 128, channels: 256, strides: 1, boxes: 4 },
] as const satisfies readonly Scale[];

const ACTION = 'build rfbHead';
const OPTIONS = {
  layers: true,
  classes: true,
  scales: true,
  blocks: true,
  normalizationMomentum: true,
  alpha: true,
} as const satisfies OptionNames<RfbHeadOptions>;

/** {@link RfbHeadOptions}, checked, with their defaults. */
interface Plan {
  readonly classes: number;
  readonly blocks: (typeof BLOCKS)[number];
  readonly width: (channels: number) => number;
  readonly momentum: number;
}

/**
 * Builds the detector of RFB Net on a trunk, not compiled; it shares the trunk's layers.
 *
 * Outputs: class scores [n, boxes, classes], before softmax, and offsets [n, boxes, 4] from anchors whose shapes the
 * user chooses. The order of boxes is scale, row, column, box of the position: 6 boxes per position on each of the
 * first four scales, 4 on the others. Scale i, from 1, has the layers `scale_⟨i⟩` (its block), `scale_⟨i⟩_scores` and
 * `scale_⟨i⟩_boxes`; plain ones have `scale_⟨i⟩_squeeze`, `scale_⟨i⟩_conv` and their `…_bn`.
 *
 * @param trunk a built network with one input [n, height, width, channels], with or without a classifier
 * @param options trunk layers, classes and size of the head; see {@link RfbHeadOptions}
 * @returns a model from images to [scores, offsets]
 * @throws TypeError for a wrong type; RangeError for an option out of range, and for feature maps too small for the
 * scales
 * @see Liu, Huang and Wang, "Receptive Field Block Net" (2018), Figure 5; Liu et al., "SSD" (2016), Figure 2
 * @example
 * ```ts
 * const trunk = conv.mobileNetV1({ alpha: 0.25, inputShape: [64, 64, 3], includeTop: false });
 * const model = conv.rfbHead(trunk, { layers: ['conv_pw_5_relu', 'conv_pw_11_relu'], classes: 4, scales: 4, alpha: 0.25 });
 * console.log(model.outputs.map(({ shape }) => shape)); // [[null, 510, 4], [null, 510, 4]]
 * ```
 */
export function rfbHead(trunk: tf.LayersModel, options: RfbHeadOptions): tf.LayersModel {
  checkModel(ACTION, trunk, 'trunk');
  checkOptions(ACTION, options, OPTIONS);
  const plan: Plan = {
    classes: checkInteger(ACTION, 'classes', options.classes, 2),
    blocks: checkOneOf(ACTION, 'blocks', options.blocks ?? 'rfb', BLOCKS),
    width: scaleBy(readAlpha(ACTION, options)),
    momentum: toNumber(ACTION, 'normalizationMomentum', options.normalizationMomentum, 0.99, 0, 1),
  };
  const scales = checkInteger(ACTION, 'scales', options.scales ?? SCALES.length, 2);
  if (scales > SCALES.length) throw rangeError(ACTION, `there are ${SCALES.length} scales`, 'scales', scales);

  const sources = readSources(trunk, options.layers);
  const scores: tf.SymbolicTensor[] = [];
  const boxes: tf.SymbolicTensor[] = [];
  let x = sources[0]!;
  SCALES.slice(0, scales).forEach((scale: Scale, index) => {
    const name = `scale_${index + 1}`;
    x = addScale(scale.from === 'trunk' ? sources[index]! : x, name, scale, plan);
    scores.push(predict(x, `${name}_scores`, scale.boxes, plan.classes));
    boxes.push(predict(x, `${name}_boxes`, scale.boxes, 4));
  });
  const outputs = [join(tf.layers.concatenate({ name: 'scores', axis: 1 }), scores)];
  outputs.push(join(tf.layers.concatenate({ name: 'boxes', axis: 1 }), boxes));
  return network({ inputs: trunk.inputs, outputs, name: `${plan.blocks === 'rfb' ? 'rfb' : 'ssd'}_${trunk.name}` });
}

/** Outputs of the given trunk layers. */
function readSources(trunk: tf.LayersModel, names: unknown): tf.SymbolicTensor[] {
  if (!Array.isArray(names) || names.length !== 2) {
    throw typeError(ACTION, 'layers must be the names of two layers', 'layers', names);
  }
  return names.map((name: unknown) => {
    const layer = trunk.layers.find((candidate) => candidate.name === name);
    const output = layer?.output;
    if (output === undefined) throw rangeError(ACTION, 'layers must be names of layers of the trunk', 'layers', name);
    if (Array.isArray(output) || output.shape.length !== 4) {
      throw rangeError(ACTION, 'the layers must have one output [n, height, width, channels]', 'layers', name);
    }
    return output;
  });
}

function addScale(x: tf.SymbolicTensor, name: string, scale: Scale, plan: Plan): tf.SymbolicTensor {
  const { variant, visual = 1, squeeze, strides } = scale;
  const filters = scale.channels === undefined ? channelsOf(x) : plan.width(scale.channels);
  if (plan.blocks === 'rfb' && variant !== undefined) {
    const { momentum } = plan;
    return apply(layers.receptiveFieldBlock({ name, filters, variant, visual, strides, scale: 1, momentum }), x);
  }
  if (squeeze === undefined) return x;
  const units = [
    layers.pointwiseConv2d({ name: `${name}_squeeze`, filters: plan.width(squeeze), useBias: false }),
    layers.conv2d({
      name: `${name}_conv`,
      filters,
      kernelSize: 3,
      strides,
      padding: variant === undefined ? 'valid' : 1,
      useBias: false,
    }),
  ];
  const normalization = { momentum: plan.momentum, epsilon: 1e-5 };
  return units.reduce(
    (features, layer) => normalize(apply(layer, features), `${layer.name}_bn`, normalization, 'relu'),
    x,
  );
}

/** Predicts `depth` values for every box of every position, [n, positions · boxes, depth]. */
function predict(x: tf.SymbolicTensor, name: string, boxes: number, depth: number): tf.SymbolicTensor {
  const maps = apply(layers.conv2d({ name, filters: boxes * depth, kernelSize: 3, padding: 1 }), x);
  const [, height, width] = maps.shape;
  const count = typeof height === 'number' && typeof width === 'number' ? height * width * boxes : -1;
  return apply(tf.layers.reshape({ name: `${name}_list`, targetShape: [count, depth] }), maps);
}
