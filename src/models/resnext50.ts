/**
 * ResNeXt-50 (Xie et al., "Aggregated Residual Transformations for Deep Neural Networks", 2017, Table 1), with the layer
 * names of keras.applications.ResNet50, paddings and strides as in torchvision, and deformable blocks.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { layers } from '../layers/registry.js';
import {
  addDenseHead,
  apply,
  convolution,
  deformationAt,
  join,
  normalize,
  normalizeAndActivate,
  padZeros,
  type Deformation,
  type Normalization,
} from './blocks.js';
import { network } from './network.js';
import {
  countStrides,
  dilateBeyond,
  keepStrides,
  readAlpha,
  readClassifier,
  scaleBy,
  type Classifier,
  type ClassifierOptions,
  type WidthOptions,
} from './options.js';
import type { OptionNames } from '../support/check_options.js';

/** Options of {@link resNeXt50}. */
export interface ResNeXt50Options extends WidthOptions, ClassifierOptions {
  /** Number of groups of the 3×3 convolutions; 1 with `groupWidth: 64` is ResNet-50. @default 32 */
  readonly cardinality?: number;
  /** Channels per group in the first stage, doubled in each following one. @default 4 */
  readonly groupWidth?: number;
  /** Momentum of the moving averages; lower it for runs of a few hundred steps. @default 0.9 */
  readonly normalizationMomentum?: number;
}

/** A stage of `blocks` blocks, the first of which has the stride. */
interface Stage {
  readonly name: string;
  readonly channels: number;
  readonly blocks: number;
  readonly strides: 1 | 2;
}

const STEM = [{ strides: 2 }, { strides: 2 }] as const;
const STEM_CHANNELS = 64;

const STAGES = [
  { name: 'conv2', channels: 256, blocks: 3, strides: 1 },
  { name: 'conv3', channels: 512, blocks: 4, strides: 2 },
  { name: 'conv4', channels: 1024, blocks: 6, strides: 2 },
  { name: 'conv5', channels: 2048, blocks: 3, strides: 2 },
] as const satisfies readonly Stage[];

/** Number of blocks, whose 3×3 convolutions can be deformable. */
export const RESNET50_BLOCKS = STAGES.reduce((sum, { blocks }) => sum + blocks, 0);

/** Layers that may have stride 2: the first convolution, the pooling, and the blocks. */
const ROWS: readonly { readonly strides: 1 | 2 }[] = [
  ...STEM,
  ...STAGES.flatMap(({ blocks, strides }) =>
    Array.from({ length: blocks }, (_, index) => ({ strides: index === 0 ? strides : (1 as const) })),
  ),
];

const ACTION = 'build resNeXt50';
const OWN_OPTIONS = { alpha: true, cardinality: true, groupWidth: true } as const satisfies OptionNames<
  Omit<ResNeXt50Options, keyof ClassifierOptions>
>;

/** One block, at its final width. */
interface Block {
  readonly name: string;
  /** Number of inner channels, over all groups. */
  readonly innerChannels: number;
  readonly groups: number;
  readonly channels: number;
  readonly strides: 1 | 2;
  readonly dilation: number;
  /** True if the block is the first of its stage, with a convolution in its shortcut. */
  readonly isFirst: boolean;
  readonly deformation: Deformation;
  readonly normalization: Normalization;
}

/**
 * Builds ResNeXt-50 (32×4d by default), not compiled.
 *
 * Layers are named as in Keras's ResNet50: `conv1_conv`, `conv2_block1_0_conv` (the shortcut), `conv2_block1_2_conv`
 * (the grouped one, which has the stride), `conv2_block1_2_bn`, …. Each normalisation before a ReLU applies it itself,
 * and the `…_relu` layer after it is an identity. Deformable blocks keep the name of the 3×3 convolution that they
 * replace.
 *
 * @param options sizes of the network and its images; see {@link ResNeXt50Options}
 * @returns a model from images [n, height, width, channels] to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Xie et al., "Aggregated Residual Transformations" (2017), Tables 1 and 2; torchvision.models.resnext50_32x4d
 * @example
 * ```ts
 * const model = conv.resNeXt50({ alpha: 0.125, cardinality: 4, inputShape: [32, 32, 3], classes: 10, downsampling: 2 });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 10]
 * ```
 */
export function resNeXt50(options: ResNeXt50Options = {}): tf.LayersModel {
  const classifier = readClassifier(ACTION, options, {
    own: OWN_OPTIONS,
    strideLayers: countStrides(ROWS),
    deformable: RESNET50_BLOCKS,
    momentum: 0.9,
  });
  const alpha = readAlpha(ACTION, options);
  const groups = checkInteger(ACTION, 'cardinality', options.cardinality ?? 32, 1);
  const groupWidth = checkInteger(ACTION, 'groupWidth', options.groupWidth ?? 4, 1);

  const input = tf.input({ shape: [...classifier.inputShape] });
  const { downsampling, momentum } = classifier;
  const x = addResNeXt50Trunk(input, { alpha, groups, groupWidth, downsampling, deformable: classifier, momentum });
  const name = `resnext50_${groups}x${groupWidth}d`;
  return network({ inputs: input, outputs: addDenseHead(x, classifier), name });
}

/** Options of {@link addResNeXt50Trunk}. */
export interface ResNeXt50Trunk {
  readonly alpha: number;
  readonly groups: number;
  /** Channels per group in the first stage. */
  readonly groupWidth: number;
  /** Number of stride-2 layers to keep. @default all */
  readonly downsampling?: number;
  /** Ratio of image size to the size of the last feature map, beyond which dilation replaces strides. @default no limit */
  readonly outputStride?: number;
  readonly deformable: Pick<Classifier, 'firstDeformable' | 'modulated'>;
  readonly momentum: number;
}

/** Adds all layers before the head. */
export function addResNeXt50Trunk(input: tf.SymbolicTensor, trunk: ResNeXt50Trunk): tf.SymbolicTensor {
  const { alpha, groups, groupWidth, downsampling = ROWS.length, outputStride = Infinity, deformable } = trunk;
  const width = scaleBy(alpha);
  const normalization = { momentum: trunk.momentum, epsilon: 1e-5 };
  const [first, pool, ...rows] = dilateBeyond(keepStrides(ROWS, downsampling), outputStride);
  let x = addStem(input, width(STEM_CHANNELS), [first!.strides, pool!.strides], normalization);
  let index = 0;
  STAGES.forEach(({ name, channels, blocks }, stage) => {
    for (let block = 0; block < blocks; block++) {
      const { strides, dilation } = rows[index]!;
      x = addBlock(x, {
        name: `${name}_block${block + 1}`,
        innerChannels: width(groupWidth * 2 ** stage) * groups,
        groups,
        channels: width(channels),
        strides,
        dilation,
        isFirst: block === 0,
        deformation: deformationAt(index++, deformable),
        normalization,
      });
    }
  });
  return x;
}

/** Adds a 7×7 convolution and max pooling, with a stride each; after a ReLU, padding zeros are never the maximum. */
function addStem(
  x: tf.SymbolicTensor,
  filters: number,
  [strides, pooling]: readonly [1 | 2, 1 | 2],
  normalization: Normalization,
): tf.SymbolicTensor {
  const first = layers.conv2d({ name: 'conv1_conv', filters, kernelSize: 7, strides, padding: 3, useBias: false });
  const features = activated(apply(first, x), 'conv1', normalization);
  const padded = padZeros(features, 'pool1_pad', [
    [1, 1],
    [1, 1],
  ]);
  return apply(layers.maxPooling2d({ name: 'pool1_pool', poolSize: 3, strides: pooling }), padded);
}

/** Adds 1×1, grouped 3×3 and 1×1 convolutions, then the input. */
function addBlock(x: tf.SymbolicTensor, block: Block): tf.SymbolicTensor {
  const { name, innerChannels, groups, channels, strides, dilation, normalization } = block;
  const pointwise = (from: tf.SymbolicTensor, part: number, filters: number, step: 1 | 2): tf.SymbolicTensor =>
    apply(layers.pointwiseConv2d({ name: `${name}_${part}_conv`, filters, strides: step, useBias: false }), from);

  const shortcut = block.isFirst ? normalize(pointwise(x, 0, channels, strides), `${name}_0_bn`, normalization) : x;
  let y = activated(pointwise(x, 1, innerChannels, 1), `${name}_1`, normalization);
  const window = {
    name: `${name}_2_conv`,
    filters: innerChannels,
    kernelSize: 3,
    strides,
    padding: dilation,
    dilationRate: dilation,
    groups,
    useBias: false,
  };
  y = activated(apply(convolution(window, block.deformation), y), `${name}_2`, normalization);
  y = normalize(pointwise(y, 3, channels, 1), `${name}_3_bn`, normalization);
  const sum = join(tf.layers.add({ name: `${name}_add` }), [shortcut, y]);
  return apply(tf.layers.activation({ name: `${name}_out`, activation: 'relu' }), sum);
}

function activated(x: tf.SymbolicTensor, name: string, normalization: Normalization): tf.SymbolicTensor {
  return normalizeAndActivate(x, { normalization: `${name}_bn`, activation: `${name}_relu` }, 'relu', normalization);
}
