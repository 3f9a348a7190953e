/**
 * MobileNetV1 (Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
 * 2017, Table 1), with the layer names and weight shapes of keras.applications.MobileNet, the paper's baseline of full
 * convolutions, and deformable blocks.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkOneOf, rangeError } from '../errors.js';
import { toActivation, toBoolean, toNumber, type ActivationIdentifier } from '../layers/config.js';
import { layers } from '../layers/registry.js';
import { apply, normalizeAndActivate } from './blocks.js';
import { checkDeformable, checkOptionNames, toImageShape, type DeformableOptions } from './options.js';

/** Options of {@link mobileNetV1}. */
export interface MobileNetV1Options {
  /** Width of the network: every block has ⌊channels · alpha⌋ channels. @default 1 */
  readonly alpha?: number;
  /** [height, width, channels]; height and width may be null, for images of any size. @default [224, 224, 3] */
  readonly inputShape?: tf.Shape;
  /** Number of classes. @default 1000 */
  readonly classes?: number;
  /** Whether the network ends in the classifier. @default true */
  readonly includeTop?: boolean;
  /** What follows the last block without a classifier: nothing, or a mean or maximum over the image. @default none */
  readonly pooling?: 'avg' | 'max' | null;
  /** Part of the pooled features that training drops. @default 0.001 */
  readonly dropout?: number;
  /** @default 'softmax' */
  readonly classifierActivation?: ActivationIdentifier;
  /** Blocks of a depthwise and a pointwise convolution, or of one full 3×3 convolution (Table 4). @default 'separable' */
  readonly convolution?: 'separable' | 'full';
  /** Leaves out the five equal blocks of 512 channels (Table 5), which small images can do without. @default false */
  readonly shallow?: boolean;
  /** Makes the 3×3 convolutions of the last blocks deformable. @default none */
  readonly deformable?: DeformableOptions;
  /** How many of the five places with stride 2 keep it, counted from the input; fewer for small images. @default 5 */
  readonly downsampling?: number;
  /** How much of the moving statistics one training step keeps; less than 0.99 for runs of a few hundred steps. @default 0.99 */
  readonly normalizationMomentum?: number;
}

/** One row of the paper's Table 1: a 3×3 (depthwise) convolution with its stride, then `channels` channels. */
interface Block {
  readonly channels: number;
  readonly strides: 1 | 2;
}

const STEM = { channels: 32, strides: 2 } as const satisfies Block;

const BLOCKS = [
  { channels: 64, strides: 1 },
  { channels: 128, strides: 2 },
  { channels: 128, strides: 1 },
  { channels: 256, strides: 2 },
  { channels: 256, strides: 1 },
  { channels: 512, strides: 2 },
  { channels: 512, strides: 1 },
  { channels: 512, strides: 1 },
  { channels: 512, strides: 1 },
  { channels: 512, strides: 1 },
  { channels: 512, strides: 1 },
  { channels: 1024, strides: 2 },
  // Table 1 prints stride 2 here too, and then an output of the same size; the code that was released has stride 1.
  { channels: 1024, strides: 1 },
] as const satisfies readonly Block[];

/** Without the five blocks that repeat one shape. */
const SHALLOW_BLOCKS = BLOCKS.filter((_, index) => index < 6 || index > 10);

const ACTION = 'build mobileNetV1';
const OPTIONS = [
  'alpha',
  'inputShape',
  'classes',
  'includeTop',
  'pooling',
  'dropout',
  'classifierActivation',
  'convolution',
  'shallow',
  'deformable',
  'downsampling',
  'normalizationMomentum',
] as const satisfies readonly (keyof MobileNetV1Options)[];
const CONVOLUTIONS = ['separable', 'full'] as const;
const POOLINGS = ['avg', 'max'] as const;

/** Places with stride 2, the stem included. */
const DOWNSAMPLINGS = [STEM, ...BLOCKS].filter(({ strides }) => strides === 2).length;

/**
 * MobileNetV1, not compiled.
 *
 * Layers and weights are named as in Keras (`conv1`, `conv_dw_3`, `conv_pw_3_bn`, …), with three differences that change
 * no weight: each `…_bn` layer applies ReLU6 itself, in its own kernel, and the `…_relu` layer after it passes through;
 * `full` blocks are one convolution `conv_i`; deformable blocks keep the name of the convolution that they replace and
 * add `offset_kernel` and `offset_bias` to its weights.
 *
 * @param options size of the network and of its images; see {@link MobileNetV1Options}
 * @returns a model from images [n, height, width, channels] in [−1, 1] to class scores [n, classes], or to features
 * @throws TypeError for a wrong kind; RangeError for an option out of range
 * @see Howard et al., "MobileNets" (2017), Tables 1, 4 and 6; Dai et al., "Deformable Convolutional Networks" (2017)
 * @example
 * ```ts
 * const model = conv.mobileNetV1({
 *   alpha: 0.25,
 *   inputShape: [28, 28, 1],
 *   classes: 10,
 *   downsampling: 2,
 *   deformable: { last: 2 },
 * });
 * console.log(model.predict(tf.zeros([1, 28, 28, 1])).shape); // [1, 10]
 * ```
 */
export function mobileNetV1(options: MobileNetV1Options = {}): tf.LayersModel {
  const plan = normalize(options);
  const { inputShape, alpha } = plan;
  const input = tf.input({ shape: [...inputShape] });
  let x = addStem(input, plan);
  plan.blocks.forEach((block, index) => {
    x =
      plan.convolution === 'full'
        ? addFullBlock(x, block, index + 1, plan)
        : addSeparableBlock(x, block, index + 1, plan);
  });
  const name = `mobilenet_${alpha.toFixed(2)}_${inputShape[0] ?? 'any'}`;
  return tf.model({ inputs: input, outputs: addHead(x, plan), name });
}

type Plan = ReturnType<typeof normalize>;

/** All options, checked, with their defaults. */
function normalize(options: MobileNetV1Options) {
  checkOptionNames(ACTION, options, OPTIONS);
  const alpha = toNumber(ACTION, 'alpha', options.alpha, 1, 1 / STEM.channels);
  const pooling = options.pooling ?? null;
  const table: readonly Block[] = toBoolean(ACTION, 'shallow', options.shallow, false) ? SHALLOW_BLOCKS : BLOCKS;
  const { last, modulated } = checkDeformable(ACTION, options.deformable, table.length);
  const downsampling = checkInteger(ACTION, 'downsampling', options.downsampling ?? DOWNSAMPLINGS, 0);
  if (downsampling > DOWNSAMPLINGS) {
    throw rangeError(ACTION, `there are ${DOWNSAMPLINGS} places with stride 2`, 'downsampling', downsampling);
  }
  const [stem, ...blocks] = scale([STEM, ...table], alpha, downsampling);
  return {
    alpha,
    inputShape: toImageShape(ACTION, options.inputShape ?? [224, 224, 3]),
    classes: checkInteger(ACTION, 'classes', options.classes ?? 1000, 1),
    includeTop: toBoolean(ACTION, 'includeTop', options.includeTop, true),
    pooling: pooling === null ? null : checkOneOf(ACTION, 'pooling', pooling, POOLINGS),
    dropout: toNumber(ACTION, 'dropout', options.dropout, 1e-3, 0, 1),
    activation: toActivation(ACTION, 'classifierActivation', options.classifierActivation ?? 'softmax').identifier,
    convolution: checkOneOf(ACTION, 'convolution', options.convolution ?? 'separable', CONVOLUTIONS),
    momentum: toNumber(ACTION, 'normalizationMomentum', options.normalizationMomentum, 0.99, 0, 1),
    modulated,
    firstDeformable: table.length - last + 1,
    stem: stem!,
    blocks,
  };
}

/** The blocks at width `alpha`, with stride 2 only at the first `downsampling` places that have it. */
function scale(blocks: readonly Block[], alpha: number, downsampling: number): Block[] {
  let left = downsampling;
  return blocks.map(({ channels, strides }) => ({
    channels: Math.floor(channels * alpha),
    strides: strides === 2 && left-- > 0 ? 2 : 1,
  }));
}

function addStem(x: tf.SymbolicTensor, plan: Plan): tf.SymbolicTensor {
  const { stem } = plan;
  const convolution = layers.conv2d({
    name: 'conv1',
    filters: stem.channels,
    kernelSize: 3,
    strides: stem.strides,
    padding: 'same',
    useBias: false,
  });
  return addNormalization(apply(convolution, x), 'conv1', plan);
}

/** Depthwise 3×3, then pointwise, each normalised. */
function addSeparableBlock(x: tf.SymbolicTensor, block: Block, index: number, plan: Plan): tf.SymbolicTensor {
  const name = `conv_dw_${index}`;
  const window = { name, kernelSize: 3, strides: block.strides, padding: paddingOf(block), useBias: false };
  const depthwise =
    index >= plan.firstDeformable
      ? layers.deformableConv2d({
          ...window,
          depthwise: true,
          modulated: plan.modulated,
        })
      : layers.depthwiseConv2d(window);
  const spread = addNormalization(apply(depthwise, addPadding(x, block, index)), name, plan);
  const pointwise = layers.pointwiseConv2d({
    name: `conv_pw_${index}`,
    filters: block.channels,
    useBias: false,
  });
  return addNormalization(apply(pointwise, spread), `conv_pw_${index}`, plan);
}

/** One full 3×3 convolution, normalised: what the paper compares with. */
function addFullBlock(x: tf.SymbolicTensor, block: Block, index: number, plan: Plan): tf.SymbolicTensor {
  const name = `conv_${index}`;
  const args = {
    name,
    filters: block.channels,
    kernelSize: 3,
    strides: block.strides,
    padding: paddingOf(block),
    useBias: false,
  };
  const convolution =
    index >= plan.firstDeformable
      ? layers.deformableConv2d({ ...args, modulated: plan.modulated })
      : layers.conv2d(args);
  return addNormalization(apply(convolution, addPadding(x, block, index)), name, plan);
}

function addHead(x: tf.SymbolicTensor, plan: Plan): tf.SymbolicTensor {
  if (!plan.includeTop) {
    if (plan.pooling === null) return x;
    const pool = plan.pooling === 'avg' ? tf.layers.globalAveragePooling2d : tf.layers.globalMaxPooling2d;
    return apply(pool({ name: `global_${plan.pooling}_pooling2d` }), x);
  }
  const channels = plan.blocks.at(-1)!.channels;
  const { classes } = plan;
  const head = [
    tf.layers.globalAveragePooling2d({ name: 'global_average_pooling2d' }),
    tf.layers.reshape({ name: 'reshape_1', targetShape: [1, 1, channels] }),
    tf.layers.dropout({ name: 'dropout', rate: plan.dropout }),
    layers.pointwiseConv2d({ name: 'conv_preds', filters: classes }),
    tf.layers.reshape({ name: 'reshape_2', targetShape: [classes] }),
    tf.layers.activation({ name: 'predictions', activation: plan.activation }),
  ];
  return head.reduce((features, layer) => apply(layer, features), x);
}

function addNormalization(x: tf.SymbolicTensor, name: string, { momentum }: Plan): tf.SymbolicTensor {
  return normalizeAndActivate(x, { normalization: `${name}_bn`, activation: `${name}_relu` }, 'relu6', momentum);
}

/** Keras pads for stride 2 at the bottom and right whatever the size, where `'same'` looks at it. */
function addPadding(x: tf.SymbolicTensor, block: Block, index: number): tf.SymbolicTensor {
  if (block.strides === 1) return x;
  return apply(
    tf.layers.zeroPadding2d({
      name: `conv_pad_${index}`,
      padding: [
        [0, 1],
        [0, 1],
      ],
    }),
    x,
  );
}

function paddingOf(block: Block): 'same' | 'valid' {
  return block.strides === 1 ? 'same' : 'valid';
}
