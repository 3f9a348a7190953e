/**
 * MobileNetV3, small and large (Howard et al., "Searching for MobileNetV3", 2019, Tables 1 and 2), with the layer names
 * and weight shapes of keras.applications.MobileNetV3Small and MobileNetV3Large, their minimalistic forms, and
 * deformable blocks.
 */
import * as tf from '@tensorflow/tfjs';
import type { Action } from '../errors.js';
import { toBoolean } from '../layers/config.js';
import { toMultipleOf8 } from '../layers/multiple_of_8.js';
import { layers } from '../layers/registry.js';
import {
  addPooling,
  apply,
  channelsOf,
  deformationAt,
  evenZeros,
  join,
  normalize,
  normalizeAndActivate,
  passThrough,
  type Normalization,
} from './blocks.js';
import { addInvertedResidual } from './inverted_residual.js';
import { network } from './network.js';
import {
  checkClassifierOptions,
  countStrides,
  dilateBeyond,
  keepStrides,
  readAlpha,
  readClassifier,
  type ClassifierOptions,
  type WidthOptions,
} from './options.js';
import type { OptionNames } from '../support/check_options.js';
import { readVariant, type VariantOptions } from './variant.js';

/** Options of {@link mobileNetV3Small} and {@link mobileNetV3Large}. */
export interface MobileNetV3Options extends WidthOptions, VariantOptions, ClassifierOptions {
  /** Whether to omit 5×5 kernels, squeeze-and-excitation and hard swish, for devices on which they are slow. @default false */
  readonly minimalistic?: boolean;
  /** True if the network takes images in [0, 255] and scales them to [−1, 1] itself. @default true in the variant 'keras' */
  readonly includePreprocessing?: boolean;
  /** Dropout rate before the classifier. @default 0.2 */
  readonly dropout?: number;
  /** Momentum of the moving averages; lower it for runs of a few hundred steps. @default 0.999; torchvision 0.99, timm 0.9 */
  readonly normalizationMomentum?: number;
}

const OWN_OPTIONS = {
  alpha: true,
  variant: true,
  minimalistic: true,
  includePreprocessing: true,
} as const satisfies OptionNames<Omit<MobileNetV3Options, keyof ClassifierOptions>>;

const NORMALIZATIONS = {
  keras: { epsilon: 1e-3, momentum: 0.999 },
  torchvision: { epsilon: 1e-3, momentum: 0.99 },
  timm: { epsilon: 1e-5, momentum: 0.9 },
} as const;

type Nonlinearity = 'relu' | 'hardSwish';

/** One row of the paper's tables. */
interface Block {
  /** Ratio of inner channels to input channels. */
  readonly expansion: number;
  readonly channels: number;
  readonly kernelSize: 3 | 5;
  readonly strides: 1 | 2;
  /** True if the block has squeeze-and-excitation. */
  readonly squeeze: boolean;
  readonly activation: Nonlinearity;
}

/** Differences between the small and the large network. */
interface Size {
  readonly action: Action;
  readonly name: string;
  readonly blocks: readonly Block[];
  /** Number of channels of the last hidden layer. */
  readonly headChannels: number;
}

const STEM = { channels: 16, strides: 2 } as const;

const SMALL: Size = {
  action: 'build mobileNetV3Small',
  name: 'MobileNetV3Small',
  headChannels: 1024,
  blocks: [
    { expansion: 1, channels: 16, kernelSize: 3, strides: 2, squeeze: true, activation: 'relu' },
    { expansion: 72 / 16, channels: 24, kernelSize: 3, strides: 2, squeeze: false, activation: 'relu' },
    { expansion: 88 / 24, channels: 24, kernelSize: 3, strides: 1, squeeze: false, activation: 'relu' },
    { expansion: 4, channels: 40, kernelSize: 5, strides: 2, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 40, kernelSize: 5, strides: 1, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 40, kernelSize: 5, strides: 1, squeeze: true, activation: 'hardSwish' },
    { expansion: 3, channels: 48, kernelSize: 5, strides: 1, squeeze: true, activation: 'hardSwish' },
    { expansion: 3, channels: 48, kernelSize: 5, strides: 1, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 96, kernelSize: 5, strides: 2, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 96, kernelSize: 5, strides: 1, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 96, kernelSize: 5, strides: 1, squeeze: true, activation: 'hardSwish' },
  ],
};

const LARGE: Size = {
  action: 'build mobileNetV3Large',
  name: 'MobileNetV3Large',
  headChannels: 1280,
  blocks: [
    { expansion: 1, channels: 16, kernelSize: 3, strides: 1, squeeze: false, activation: 'relu' },
    { expansion: 4, channels: 24, kernelSize: 3, strides: 2, squeeze: false, activation: 'relu' },
    { expansion: 3, channels: 24, kernelSize: 3, strides: 1, squeeze: false, activation: 'relu' },
    { expansion: 3, channels: 40, kernelSize: 5, strides: 2, squeeze: true, activation: 'relu' },
    { expansion: 3, channels: 40, kernelSize: 5, strides: 1, squeeze: true, activation: 'relu' },
    { expansion: 3, channels: 40, kernelSize: 5, strides: 1, squeeze: true, activation: 'relu' },
    { expansion: 6, channels: 80, kernelSize: 3, strides: 2, squeeze: false, activation: 'hardSwish' },
    { expansion: 2.5, channels: 80, kernelSize: 3, strides: 1, squeeze: false, activation: 'hardSwish' },
    { expansion: 2.3, channels: 80, kernelSize: 3, strides: 1, squeeze: false, activation: 'hardSwish' },
    { expansion: 2.3, channels: 80, kernelSize: 3, strides: 1, squeeze: false, activation: 'hardSwish' },
    { expansion: 6, channels: 112, kernelSize: 3, strides: 1, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 112, kernelSize: 3, strides: 1, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 160, kernelSize: 5, strides: 2, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 160, kernelSize: 5, strides: 1, squeeze: true, activation: 'hardSwish' },
    { expansion: 6, channels: 160, kernelSize: 5, strides: 1, squeeze: true, activation: 'hardSwish' },
  ],
};

/** Ratio of hidden channels to channels of squeeze-and-excitation. */
const SQUEEZE_RATIO = 0.25;

/**
 * Builds MobileNetV3-Small, not compiled.
 *
 * Layers with weights are named as in Keras (`conv`, `expanded_conv_3_squeeze_excite_conv_1`, `conv_2`, `logits`, …);
 * the first normalisation of a block applies a ReLU itself, in its own kernel. Deformable blocks keep the name of the
 * depthwise convolution that they replace and add the weights `offset_kernel` and `offset_bias`.
 *
 * @param options sizes of the network and its images; see {@link MobileNetV3Options}
 * @returns a model from images [n, height, width, channels] in [0, 255] (in [−1, 1] with `includePreprocessing: false`)
 * to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Howard et al., "Searching for MobileNetV3" (2019), Table 2; keras.applications.MobileNetV3Small
 * @example
 * ```ts
 * const model = conv.mobileNetV3Small({ alpha: 0.5, inputShape: [32, 32, 3], classes: 10, downsampling: 2 });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 10]
 * ```
 */
export function mobileNetV3Small(options: MobileNetV3Options = {}): tf.LayersModel {
  return build(SMALL, options);
}

/**
 * Builds MobileNetV3-Large, not compiled; otherwise as {@link mobileNetV3Small}.
 *
 * @param options sizes of the network and its images; see {@link MobileNetV3Options}
 * @returns a model from images [n, height, width, channels] in [0, 255] (in [−1, 1] with `includePreprocessing: false`)
 * to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Howard et al., "Searching for MobileNetV3" (2019), Table 1; keras.applications.MobileNetV3Large
 * @example
 * ```ts
 * const model = conv.mobileNetV3Large({ alpha: 0.5, inputShape: [32, 32, 3], minimalistic: true, includeTop: false });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 1, 1, 480]
 * ```
 */
export function mobileNetV3Large(options: MobileNetV3Options = {}): tf.LayersModel {
  return build(LARGE, options);
}

type Plan = ReturnType<typeof readOptions>;

/** Checks all options and fills in the defaults. */
function readOptions({ action, blocks }: Size, options: MobileNetV3Options) {
  checkClassifierOptions(action, options, { own: OWN_OPTIONS });
  const { variant, epsilon, momentum, evenPadding } = readVariant(action, options, NORMALIZATIONS);
  const classifier = readClassifier(action, options, {
    own: OWN_OPTIONS,
    strideLayers: countStrides([STEM, ...blocks]),
    deformable: blocks.length,
    dropout: 0.2,
    momentum,
  });
  const minimalistic = toBoolean(action, 'minimalistic', options.minimalistic, false);
  return {
    ...classifier,
    epsilon,
    evenPadding,
    alpha: readAlpha(action, options),
    minimalistic,
    lastActivation: minimalistic ? ('relu' as const) : ('hardSwish' as const),
    includePreprocessing: toBoolean(action, 'includePreprocessing', options.includePreprocessing, variant === 'keras'),
  };
}

function build(size: Size, options: MobileNetV3Options): tf.LayersModel {
  const plan = readOptions(size, options);
  const input = tf.input({ shape: [...plan.inputShape] });
  const outputs = addHead(addFeatures(input, size, plan), size, plan);
  return network({ inputs: input, outputs, name: size.name });
}

/** Options of {@link addMobileNetV3LargeTrunk}. */
export interface MobileNetV3LargeTrunk {
  readonly alpha: number;
  readonly deformable: Pick<Plan, 'firstDeformable' | 'modulated'>;
  readonly momentum: number;
}

/** Number of blocks of MobileNetV3-Large, whose depthwise convolutions can be deformable. */
export const LARGE_BLOCKS = LARGE.blocks.length;

/** Adds torchvision's MobileNetV3-Large before its head, with dilation in place of the last stride. */
export function addMobileNetV3LargeTrunk(
  input: tf.SymbolicTensor,
  { alpha, deformable, momentum }: MobileNetV3LargeTrunk,
): tf.SymbolicTensor {
  return addFeatures(input, LARGE, {
    ...deformable,
    ...{ alpha, momentum, epsilon: NORMALIZATIONS.torchvision.epsilon },
    ...{ minimalistic: false, lastActivation: 'hardSwish', includePreprocessing: false, evenPadding: true },
    downsampling: countStrides([STEM, ...LARGE.blocks]),
    outputStride: 16,
  });
}

/** Parts of {@link Plan} before the head. */
interface Features extends Pick<
  Plan,
  'alpha' | 'epsilon' | 'momentum' | 'firstDeformable' | 'modulated' | 'downsampling'
> {
  readonly minimalistic: boolean;
  readonly lastActivation: Nonlinearity;
  readonly includePreprocessing: boolean;
  readonly evenPadding: boolean;
  /** Ratio of image size to the size of the last feature map, beyond which dilation replaces strides. @default no limit */
  readonly outputStride?: number;
}

/** Adds all layers before the head. */
function addFeatures(input: tf.SymbolicTensor, { blocks }: Size, plan: Features): tf.SymbolicTensor {
  const kept = keepStrides<{ readonly strides: 1 | 2 }>([STEM, ...blocks], plan.downsampling);
  const [first, ...rows] = dilateBeyond(kept, plan.outputStride ?? Infinity, 'itself');
  const { strides } = first!;
  const scaled = plan.includePreprocessing
    ? apply(tf.layers.rescaling({ name: 'rescaling', scale: 1 / 127.5, offset: -1 }), input)
    : input;
  const isEven = plan.evenPadding && strides === 2;
  const padding = isEven ? evenZeros(3) : 'same';
  const stem = { filters: STEM.channels, kernelSize: 3, strides, padding, useBias: false } as const;
  const image = isEven ? passThrough(scaled, 'conv_pad') : scaled;
  let x = activate(apply(layers.conv2d({ name: 'conv', ...stem }), image), 'conv', plan.lastActivation, plan);

  blocks.forEach((block, index) => {
    const innerChannels = toMultipleOf8(channelsOf(x) * block.expansion);
    const activation = plan.minimalistic ? 'relu' : block.activation;
    const row = {
      expanded: index === 0 ? undefined : innerChannels,
      channels: toMultipleOf8(block.channels * plan.alpha),
      kernelSize: plan.minimalistic ? 3 : block.kernelSize,
      strides: rows[index]!.strides,
      dilation: rows[index]!.dilation,
    };
    x = addInvertedResidual(x, index === 0 ? 'expanded_conv' : `expanded_conv_${index}`, row, {
      activate: (y, name) => activate(y, name, activation, plan),
      ...(block.squeeze && !plan.minimalistic ? { attend: squeezeAndExcite } : {}),
      normalized: 'bn',
      padded: 'depthwise_pad',
      evenPadding: plan.evenPadding,
      deformation: deformationAt(index, plan),
      normalization: plan,
    });
  });

  const filters = toMultipleOf8(channelsOf(x) * 6);
  x = apply(layers.pointwiseConv2d({ name: 'conv_1', filters, useBias: false }), x);
  return activate(x, 'conv_1', plan.lastActivation, plan);
}

function addHead(x: tf.SymbolicTensor, { headChannels }: Size, plan: Plan): tf.SymbolicTensor {
  if (!plan.includeTop) return addPooling(x, plan);
  const { alpha, classes, dropout, activation, lastActivation } = plan;
  const head = [
    tf.layers.globalAveragePooling2d({ name: 'global_average_pooling2d' }),
    tf.layers.reshape({ name: 'reshape', targetShape: [1, 1, channelsOf(x)] }),
    layers.pointwiseConv2d({ name: 'conv_2', filters: alpha > 1 ? toMultipleOf8(headChannels * alpha) : headChannels }),
    nonlinearity('conv_2', lastActivation),
    ...(dropout > 0 ? [layers.dropout({ name: 'dropout', rate: dropout })] : []),
    layers.pointwiseConv2d({ name: 'logits', filters: classes }),
    tf.layers.flatten({ name: 'flatten' }),
    tf.layers.activation({ name: 'predictions', activation }),
  ];
  return head.reduce((features, layer) => apply(layer, features), x);
}

/** Normalises and activates the output of the convolution with this name. */
function activate(
  x: tf.SymbolicTensor,
  name: string,
  kind: Nonlinearity,
  normalization: Normalization,
): tf.SymbolicTensor {
  if (kind === 'hardSwish') return apply(nonlinearity(name, kind), normalize(x, `${name}_bn`, normalization));
  return normalizeAndActivate(
    x,
    { normalization: `${name}_bn`, activation: `${name}_activation` },
    kind,
    normalization,
  );
}

function nonlinearity(name: string, kind: Nonlinearity): tf.layers.Layer {
  const own = `${name}_activation`;
  return kind === 'hardSwish' ? layers.hardSwish({ name: own }) : tf.layers.activation({ name: own, activation: kind });
}

/**
 * Scales every channel by a gate computed from the whole image. Separate layers, since Keras stores the weights of each
 * by its name.
 */
function squeezeAndExcite(x: tf.SymbolicTensor, block: string): tf.SymbolicTensor {
  const prefix = `${block}_squeeze_excite`;
  const channels = channelsOf(x);
  const gate = [
    tf.layers.globalAveragePooling2d({ name: `${prefix}_avg_pool` }),
    tf.layers.reshape({ name: `${prefix}_reshape`, targetShape: [1, 1, channels] }),
    layers.pointwiseConv2d({ name: `${prefix}_conv`, filters: toMultipleOf8(channels * SQUEEZE_RATIO) }),
    tf.layers.activation({ name: `${prefix}_relu`, activation: 'relu' }),
    layers.pointwiseConv2d({ name: `${prefix}_conv_1`, filters: channels }),
    // relu6(x + 3) / 6, which differs from the hard sigmoid of tfjs.
    tf.layers.rescaling({ name: `${prefix}_scale`, scale: 1 / 6, offset: 0.5 }),
    tf.layers.reLU({ name: `${prefix}_clip`, maxValue: 1 }),
  ].reduce((features, layer) => apply(layer, features), x);
  return join(tf.layers.multiply({ name: `${prefix}_mul` }), [x, gate]);
}
