/**
 * ShuffleNet (Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices", 2017,
 * Table 1), with the widths of the authors' repository and deformable blocks.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import { layers } from '../layers/registry.js';
import {
  addDenseHead,
  apply,
  channelsOf,
  deformationAt,
  depthwiseConvolution,
  join,
  normalize,
  normalizeAndActivate,
  type Deformation,
  type Normalization,
} from './blocks.js';
import { network } from './network.js';
import {
  addShuffleNetStem,
  SHUFFLENET_ALPHAS,
  SHUFFLENET_STRIDE_LAYERS,
  SHUFFLENET_STAGES,
} from './shufflenet_stem.js';
import { keepStrides, readClassifier, readListedAlpha, type ClassifierOptions, type WidthOptions } from './options.js';
import type { OptionNames } from '../support/check_options.js';

/** Options of {@link shuffleNetV1}. */
export interface ShuffleNetV1Options extends WidthOptions, ClassifierOptions {
  /** Width multiplier: 0.5, 1, 1.5 or 2. @default 1 */
  readonly alpha?: number;
  /** Number of groups of the pointwise convolutions: 3 or 8. More groups make the network wider at the same cost. @default 3 */
  readonly groups?: number;
  /** Momentum of the moving averages; lower it for runs of a few hundred steps. @default 0.9 */
  readonly normalizationMomentum?: number;
}

/**
 * Number of channels, at each width, of the first convolution and of the first stage; each following stage doubles
 * them.
 */
const WIDTHS = {
  3: { stem: { 0.5: 12, 1: 24, 1.5: 24, 2: 48 }, stage: 240 },
  8: { stem: { 0.5: 16, 1: 24, 1.5: 24, 2: 48 }, stage: 384 },
} as const;

const ACTION = 'build shuffleNetV1';
const OWN_OPTIONS = { alpha: true, groups: true } as const satisfies OptionNames<
  Omit<ShuffleNetV1Options, keyof ClassifierOptions>
>;

/** One unit, at its final width. */
interface Unit {
  readonly name: string;
  readonly channels: number;
  readonly strides: 1 | 2;
  /** True if the unit is the first of its stage: it concatenates its pooled input instead of adding it. */
  readonly isFirst: boolean;
  /** Groups of the first pointwise convolution; 1 if its input has few channels. */
  readonly firstGroups: number;
  readonly groups: number;
  readonly deformation: Deformation;
  readonly normalization: Normalization;
}

/**
 * Builds ShuffleNet v1, not compiled.
 *
 * Layers are named by stage and unit: `conv1`, `stage2_1_pw1`, `stage2_1_pw1_bn`, `stage2_1_shuffle`, `stage2_1_dw`, ….
 * As in the paper the channels are shuffled before the depthwise convolution; the authors' code does so afterwards,
 * which is the same network with permuted depthwise kernels. Deformable blocks keep the name of the depthwise
 * convolution that they replace.
 *
 * @param options sizes of the network and its images; see {@link ShuffleNetV1Options}
 * @returns a model from images [n, height, width, channels] to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Zhang et al., "ShuffleNet" (2017), section 3.2 and Table 1
 * @example
 * ```ts
 * const model = conv.shuffleNetV1({ alpha: 0.5, inputShape: [32, 32, 3], classes: 10, downsampling: 3 });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 10]
 * ```
 */
export function shuffleNetV1(options: ShuffleNetV1Options = {}): tf.LayersModel {
  const units = SHUFFLENET_STAGES.reduce((sum, { units: count }) => sum + count, 0);
  const classifier = readClassifier(ACTION, options, {
    own: OWN_OPTIONS,
    strideLayers: SHUFFLENET_STRIDE_LAYERS.length,
    deformable: units,
    momentum: 0.9,
  });
  const alpha = readListedAlpha(ACTION, options, SHUFFLENET_ALPHAS);
  const groups = options.groups ?? 3;
  if (groups !== 3 && groups !== 8) throw rangeError(ACTION, 'groups must be 3 or 8', 'groups', groups);
  const { stem, stage } = WIDTHS[groups];
  const [first, pool, ...stageStrides] = keepStrides(SHUFFLENET_STRIDE_LAYERS, classifier.downsampling);
  const normalization = { momentum: classifier.momentum, epsilon: 1e-5 };

  const input = tf.input({ shape: [...classifier.inputShape] });
  let x = addShuffleNetStem(input, stem[alpha], [first!.strides, pool!.strides], normalization);
  let index = 0;
  SHUFFLENET_STAGES.forEach(({ name, units: count }, stageIndex) => {
    for (let unit = 0; unit < count; unit++) {
      x = addUnit(x, {
        name: `${name}_${unit + 1}`,
        channels: stage * 2 ** stageIndex * alpha,
        strides: unit === 0 ? stageStrides[stageIndex]!.strides : 1,
        isFirst: unit === 0,
        firstGroups: index === 0 ? 1 : groups,
        groups,
        deformation: deformationAt(index++, classifier),
        normalization,
      });
    }
  });
  // The authors' classifier has no bias.
  return network({
    inputs: input,
    outputs: addDenseHead(x, classifier, { useBias: false }),
    name: `shufflenet_v1_x${alpha}_g${groups}`,
  });
}

/**
 * Adds grouped pointwise, shuffle, depthwise, grouped pointwise; then adds the input or, in a first unit, concatenates
 * it pooled.
 */
function addUnit(x: tf.SymbolicTensor, unit: Unit): tf.SymbolicTensor {
  const { name, channels, strides, isFirst, firstGroups, groups, normalization } = unit;
  const pointwise = (from: tf.SymbolicTensor, own: string, filters: number, parts: number): tf.SymbolicTensor =>
    apply(layers.pointwiseConv2d({ name: own, filters, groups: parts, useBias: false }), from);

  const first = `${name}_pw1`;
  let y = pointwise(x, first, channels / 4, firstGroups);
  y = normalizeAndActivate(y, { normalization: `${first}_bn`, activation: `${first}_relu` }, 'relu', normalization);
  y = apply(layers.channelShuffle({ name: `${name}_shuffle`, groups }), y);
  const window = { name: `${name}_dw`, kernelSize: 3, strides, padding: 'same' } as const;
  y = normalize(apply(depthwiseConvolution(window, unit.deformation), y), `${name}_dw_bn`, normalization);
  y = pointwise(y, `${name}_pw2`, isFirst ? channels - channelsOf(x) : channels, groups);
  y = normalize(y, `${name}_pw2_bn`, normalization);

  const shortcut = layers.averagePooling2d({ name: `${name}_pool`, poolSize: 3, strides, padding: 'same' });
  const merged = isFirst
    ? join(tf.layers.concatenate({ name: `${name}_concat` }), [apply(shortcut, x), y])
    : join(tf.layers.add({ name: `${name}_add` }), [x, y]);
  return apply(tf.layers.activation({ name: `${name}_relu`, activation: 'relu' }), merged);
}
