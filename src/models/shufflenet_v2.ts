/**
 * ShuffleNet v2 (Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", 2018, Table 5),
 * with deformable blocks.
 */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../layers/registry.js';
import {
  addDenseHead,
  apply,
  channelsOf,
  deformationAt,
  depthwiseConvolution,
  evenZeros,
  join,
  normalize,
  normalizeAndActivate,
  type Deformation,
  type Normalization,
} from './blocks.js';
import { network } from './network.js';
import {
  checkClassifierOptions,
  keepStrides,
  readClassifier,
  readListedAlpha,
  type ClassifierOptions,
  type WidthOptions,
} from './options.js';
import {
  addShuffleNetStem,
  SHUFFLENET_ALPHAS,
  SHUFFLENET_STRIDE_LAYERS,
  SHUFFLENET_STAGES,
} from './shufflenet_stem.js';
import type { OptionNames } from '../support/check_options.js';
import { readVariant, type VariantOptions } from './variant.js';

/** Options of {@link shuffleNetV2}. */
export interface ShuffleNetV2Options extends WidthOptions, VariantOptions, ClassifierOptions {
  /** Width multiplier: 0.5, 1, 1.5 or 2. @default 1 */
  readonly alpha?: number;
  /** Momentum of the moving averages; lower it for runs of a few hundred steps. @default 0.9 */
  readonly normalizationMomentum?: number;
}

const STEM_CHANNELS = 24;

/** Number of channels, at each width, of the stages and before the classifier. */
const WIDTHS = {
  0.5: { stages: [48, 96, 192], head: 1024 },
  1: { stages: [116, 232, 464], head: 1024 },
  1.5: { stages: [176, 352, 704], head: 1024 },
  2: { stages: [244, 488, 976], head: 2048 },
} as const;

const ACTION = 'build shuffleNetV2';
const OWN_OPTIONS = { alpha: true, variant: true } as const satisfies OptionNames<
  Omit<ShuffleNetV2Options, keyof ClassifierOptions>
>;

const NORMALIZATION = { epsilon: 1e-5, momentum: 0.9 } as const;
const NORMALIZATIONS = { keras: NORMALIZATION, torchvision: NORMALIZATION, timm: NORMALIZATION } as const;

/** One unit, at its final width. */
interface Unit {
  readonly name: string;
  readonly channels: number;
  readonly strides: 1 | 2;
  /** True if the unit is the first of its stage: both branches then read all input channels. */
  readonly isFirst: boolean;
  readonly deformation: Deformation;
  readonly normalization: Normalization;
  /** True if stride-2 layers pad both ends alike. */
  readonly evenPadding: boolean;
}

/**
 * Builds ShuffleNet v2, not compiled.
 *
 * Layers are named by stage and unit: `conv1`, `stage2_1_shortcut_dw`, `stage2_1_pw1`, `stage2_1_dw`, `stage2_1_pw2`, ….
 * Deformable blocks keep the name of the depthwise convolution that they replace; those of shortcuts are never
 * deformable.
 *
 * @param options sizes of the network and its images; see {@link ShuffleNetV2Options}
 * @returns a model from images [n, height, width, channels] to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see Ma et al., "ShuffleNet V2" (2018), section 3 and Table 5; torchvision.models.shufflenet_v2_x1_0
 * @example
 * ```ts
 * const model = conv.shuffleNetV2({ alpha: 0.5, inputShape: [32, 32, 3], classes: 10, downsampling: 3 });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 10]
 * ```
 */
export function shuffleNetV2(options: ShuffleNetV2Options = {}): tf.LayersModel {
  checkClassifierOptions(ACTION, options, { own: OWN_OPTIONS });
  const { epsilon, momentum, evenPadding } = readVariant(ACTION, options, NORMALIZATIONS);
  const classifier = readClassifier(ACTION, options, {
    own: OWN_OPTIONS,
    strideLayers: SHUFFLENET_STRIDE_LAYERS.length,
    deformable: SHUFFLENET_STAGES.reduce((sum, { units }) => sum + units, 0),
    momentum,
  });
  const alpha = readListedAlpha(ACTION, options, SHUFFLENET_ALPHAS);
  const { stages, head } = WIDTHS[alpha];
  const [first, pool, ...stageStrides] = keepStrides(SHUFFLENET_STRIDE_LAYERS, classifier.downsampling);
  const normalization = { momentum: classifier.momentum, epsilon };

  const input = tf.input({ shape: [...classifier.inputShape] });
  const strides = [first!.strides, pool!.strides] as const;
  let x = addShuffleNetStem(input, STEM_CHANNELS, strides, normalization, evenPadding);
  let index = 0;
  SHUFFLENET_STAGES.forEach(({ name, units }, stageIndex) => {
    for (let unit = 0; unit < units; unit++) {
      x = addUnit(x, {
        name: `${name}_${unit + 1}`,
        channels: stages[stageIndex]!,
        strides: unit === 0 ? stageStrides[stageIndex]!.strides : 1,
        isFirst: unit === 0,
        deformation: deformationAt(index++, classifier),
        normalization,
        evenPadding,
      });
    }
  });
  x = addPointwise(x, 'conv5', head, normalization);
  return network({ inputs: input, outputs: addDenseHead(x, classifier), name: `shufflenet_v2_x${alpha}` });
}

/**
 * Passes half of the channels through (or, in a first unit, a strided shortcut), the other half through three
 * convolutions, then shuffles.
 */
function addUnit(x: tf.SymbolicTensor, unit: Unit): tf.SymbolicTensor {
  const { name, channels, isFirst, normalization } = unit;
  const half = channels / 2;
  const slice = (part: string, start: number): tf.SymbolicTensor =>
    apply(layers.channelSlice({ name: `${name}_${part}`, start, size: half }), x);

  const kept = isFirst ? addDepthwise(x, `${name}_shortcut`, unit, undefined) : slice('kept', 0);
  const shortcut = isFirst ? addPointwise(kept, `${name}_shortcut_pw`, half, normalization) : kept;

  let y = addPointwise(isFirst ? x : slice('changed', half), `${name}_pw1`, half, normalization);
  y = addDepthwise(y, name, unit, unit.deformation);
  y = addPointwise(y, `${name}_pw2`, channels - channelsOf(shortcut), normalization);
  const concatenated = join(tf.layers.concatenate({ name: `${name}_concat` }), [shortcut, y]);
  return apply(layers.channelShuffle({ name: `${name}_shuffle`, groups: 2 }), concatenated);
}

function addDepthwise(x: tf.SymbolicTensor, prefix: string, unit: Unit, deformation: Deformation): tf.SymbolicTensor {
  const name = `${prefix}_dw`;
  const { strides } = unit;
  const padding = unit.evenPadding && strides === 2 ? evenZeros(3) : 'same';
  const depthwise = depthwiseConvolution({ name, kernelSize: 3, strides, padding }, deformation);
  return normalize(apply(depthwise, x), `${name}_bn`, unit.normalization);
}

function addPointwise(
  x: tf.SymbolicTensor,
  name: string,
  filters: number,
  normalization: Normalization,
): tf.SymbolicTensor {
  const pointwise = layers.pointwiseConv2d({ name, filters, useBias: false });
  const names = { normalization: `${name}_bn`, activation: `${name}_relu` };
  return normalizeAndActivate(apply(pointwise, x), names, 'relu', normalization);
}
