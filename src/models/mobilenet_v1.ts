/**
 * MobileNetV1 (Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
 * 2017, Table 1), with the layer names and weight shapes of keras.applications.MobileNet, the paper's baseline of full
 * convolutions, and deformable blocks.
 */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf } from '../errors.js';
import { toBoolean } from '../layers/config.js';
import { layers } from '../layers/registry.js';
import {
  addPooling,
  apply,
  convolution,
  deformationAt,
  depthwiseConvolution,
  normalizeAndActivate,
  passThrough,
  type Zeros,
} from './blocks.js';
import { network } from './network.js';
import {
  checkClassifierOptions,
  countStrides,
  keepStrides,
  readAlpha,
  readClassifier,
  type ClassifierOptions,
  type WidthOptions,
} from './options.js';
import type { OptionNames } from '../support/check_options.js';

/** Options of {@link mobileNetV1}. */
export interface MobileNetV1Options extends WidthOptions, ClassifierOptions {
  /** Dropout rate of the pooled features. @default 0.001 */
  readonly dropout?: number;
  /** Kind of blocks: a depthwise and a pointwise convolution, or one full 3×3 convolution (Table 4). @default 'separable' */
  readonly convolution?: 'separable' | 'full';
  /** Whether to omit the five equal blocks of 512 channels (Table 5), e.g. for small images. @default false */
  readonly shallow?: boolean;
}

/** One row of the paper's Table 1: a 3×3 (depthwise) convolution with its stride, and the number of output channels. */
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
  // Table 1 has stride 2 here too, but an output of the same size; the released code has stride 1.
  { channels: 1024, strides: 1 },
] as const satisfies readonly Block[];

/** Blocks without the five of equal shape. */
const SHALLOW_BLOCKS = BLOCKS.filter((_, index) => index < 6 || index > 10);

const ACTION = 'build mobileNetV1';
const OWN_OPTIONS = { alpha: true, convolution: true, shallow: true } as const satisfies OptionNames<
  Omit<MobileNetV1Options, keyof ClassifierOptions>
>;
const CONVOLUTIONS = ['separable', 'full'] as const;

/** Number of stride-2 layers, including the stem. */
const STRIDE_2_LAYERS = countStrides([STEM, ...BLOCKS]);

/**
 * Builds MobileNetV1, not compiled.
 *
 * Layers and weights are named as in Keras (`conv1`, `conv_dw_3`, `conv_pw_3_bn`, …), with four differences that change
 * no weight: each `…_bn` layer applies ReLU6 itself, in its own kernel, and the `…_relu` layer after it is an identity;
 * convolutions of stride 2 pad themselves, and the `conv_pad_i` layer before them is an identity; `full` blocks are one
 * convolution `conv_i`; deformable blocks keep the name of the convolution that they replace and add the weights
 * `offset_kernel` and `offset_bias`.
 *
 * @param options sizes of the network and its images; see {@link MobileNetV1Options}
 * @returns a model from images [n, height, width, channels] in [−1, 1] to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range
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
  const plan = readOptions(options);
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
  return network({ inputs: input, outputs: addHead(x, plan), name });
}

type Plan = ReturnType<typeof readOptions>;

/** Checks all options and fills in the defaults. */
function readOptions(options: MobileNetV1Options) {
  checkClassifierOptions(ACTION, options, { own: OWN_OPTIONS });
  const table: readonly Block[] = toBoolean(ACTION, 'shallow', options.shallow, false) ? SHALLOW_BLOCKS : BLOCKS;
  const classifier = readClassifier(ACTION, options, {
    own: OWN_OPTIONS,
    strideLayers: STRIDE_2_LAYERS,
    deformable: table.length,
    dropout: 1e-3,
  });
  const alpha = readAlpha(ACTION, options);
  const [stem, ...blocks] = keepStrides([STEM, ...table], classifier.downsampling).map(({ channels, strides }) => ({
    channels: Math.floor(channels * alpha),
    strides,
  }));
  return {
    ...classifier,
    alpha,
    convolution: checkOneOf(ACTION, 'convolution', options.convolution ?? 'separable', CONVOLUTIONS),
    stem: stem!,
    blocks,
  };
}

function addStem(x: tf.SymbolicTensor, plan: Plan): tf.SymbolicTensor {
  const { stem } = plan;
  const args = {
    filters: stem.channels,
    kernelSize: 3,
    strides: stem.strides,
    padding: 'same',
    useBias: false,
  } as const;
  return addNormalization(apply(layers.conv2d({ name: 'conv1', ...args }), x), 'conv1', plan);
}

/** Adds a depthwise 3×3 and a pointwise convolution, each normalised. */
function addSeparableBlock(x: tf.SymbolicTensor, block: Block, index: number, plan: Plan): tf.SymbolicTensor {
  const name = `conv_dw_${index}`;
  const { strides } = block;
  const window = { name, kernelSize: 3, strides, padding: paddingOf(block) };
  const depthwise = depthwiseConvolution(window, deformationAt(index - 1, plan));
  const depthwiseOutput = addNormalization(apply(depthwise, addPadding(x, block, index)), name, plan);
  const pointwise = layers.pointwiseConv2d({
    name: `conv_pw_${index}`,
    filters: block.channels,
    useBias: false,
  });
  return addNormalization(apply(pointwise, depthwiseOutput), `conv_pw_${index}`, plan);
}

/** Adds one full 3×3 convolution, normalised: the paper's baseline. */
function addFullBlock(x: tf.SymbolicTensor, block: Block, index: number, plan: Plan): tf.SymbolicTensor {
  const name = `conv_${index}`;
  const { channels, strides } = block;
  const args = { name, filters: channels, kernelSize: 3, strides, padding: paddingOf(block), useBias: false };
  const full = convolution(args, deformationAt(index - 1, plan));
  return addNormalization(apply(full, addPadding(x, block, index)), name, plan);
}

function addHead(x: tf.SymbolicTensor, plan: Plan): tf.SymbolicTensor {
  if (!plan.includeTop) return addPooling(x, plan);
  const channels = plan.blocks.at(-1)!.channels;
  const { classes } = plan;
  const head = [
    tf.layers.globalAveragePooling2d({ name: 'global_average_pooling2d' }),
    tf.layers.reshape({ name: 'reshape_1', targetShape: [1, 1, channels] }),
    layers.dropout({ name: 'dropout', rate: plan.dropout }),
    layers.pointwiseConv2d({ name: 'conv_preds', filters: classes }),
    tf.layers.reshape({ name: 'reshape_2', targetShape: [classes] }),
    tf.layers.activation({ name: 'predictions', activation: plan.activation }),
  ];
  return head.reduce((features, layer) => apply(layer, features), x);
}

function addNormalization(x: tf.SymbolicTensor, name: string, plan: Plan): tf.SymbolicTensor {
  return normalizeAndActivate(x, { normalization: `${name}_bn`, activation: `${name}_relu` }, 'relu6', plan);
}

/** Adds the identity that replaces Keras's padding layer; the next convolution pads. */
function addPadding(x: tf.SymbolicTensor, block: Block, index: number): tf.SymbolicTensor {
  return block.strides === 1 ? x : passThrough(x, `conv_pad_${index}`);
}

/** Keras pads for stride 2 at the bottom and right for every size, whereas `'same'` depends on the size. */
function paddingOf({ strides }: Block): 'same' | Zeros {
  if (strides === 1) return 'same';
  return [
    [0, 1],
    [0, 1],
  ];
}
