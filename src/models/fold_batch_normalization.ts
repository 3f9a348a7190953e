/** Folds batch normalisations into the preceding convolutions of a trained network, for inference. */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf } from '../errors.js';
import { PRECISIONS, type Precision } from '../kernel/half.js';
import { storeInHalf } from './half_precision.js';
import { copyModel, restore } from './rebuild.js';
import { ownName, weightsOf } from './weights_by_name.js';
import { checkModel } from '../support/check_model.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** Kernel of a layer, the position of the output channels in it, and the option that constrains it. */
interface Foldable {
  readonly kernel: string;
  /** `last`: the last axis; `depthwise`: the last two; `transposed`: the third, in groups that follow the last. */
  readonly channels: 'last' | 'depthwise' | 'transposed';
  /** Constraint option, which would change the kernel when it is loaded. */
  readonly constraint: string;
}

const LAST: Foldable = { kernel: 'kernel', channels: 'last', constraint: 'kernelConstraint' };
const DEPTHWISE: Foldable = { kernel: 'depthwise_kernel', channels: 'depthwise', constraint: 'depthwiseConstraint' };
const POINTWISE: Foldable = { kernel: 'pointwise_kernel', channels: 'last', constraint: 'pointwiseConstraint' };
const TRANSPOSED: Foldable = { kernel: 'kernel', channels: 'transposed', constraint: 'kernelConstraint' };

const FOLDABLE: Readonly<Record<string, Foldable>> = {
  Dense: LAST,
  Conv2D: LAST,
  DepthwiseConv2D: DEPTHWISE,
  SeparableConv2D: POINTWISE,
  Conv2DTranspose: TRANSPOSED,
  'Convolutions>Conv2D': LAST,
  'Convolutions>DilatedConv2D': LAST,
  'Convolutions>GroupedConv2D': LAST,
  'Convolutions>PointwiseConv2D': LAST,
  'Convolutions>DeformableConv2D': LAST,
  'Convolutions>DepthwiseConv2D': DEPTHWISE,
  'Convolutions>DepthwiseSeparableConv2D': POINTWISE,
  'Convolutions>Conv2DTranspose': TRANSPOSED,
};

const NORMALIZATIONS = ['BatchNormalization', 'Convolutions>BatchNormalization'];

/** Options of {@link foldBatchNormalization}. */
export interface FoldBatchNormalizationOptions {
  /** Precision in which kernels, and images between convolutions, are stored. @default 'single' */
  readonly precision?: Precision;
}

const ACTION = 'fold batch normalisation';
const OPTIONS = { precision: true } as const satisfies OptionNames<FoldBatchNormalizationOptions>;

/**
 * Copies a model for inference, with every batch normalisation that is the only consumer of a convolution or dense
 * layer folded into its kernel and bias; an activation of the normalisation becomes one of the convolution. Outputs are
 * the same up to rounding, in fewer steps. The model itself is unchanged.
 *
 * With `precision: 'half'`, the convolutions of this package with an even number of output channels store their kernels
 * in half precision ({@link packHalf}), and pass images on in half precision where one follows another. Sums are single;
 * values beyond ±65504 become that. The model takes half the memory, also in files, and on webgpu the time and bandwidth
 * of halves; other backends compute the same, slower than in single precision. It cannot be trained.
 *
 * A normalisation is kept if its convolution has other consumers or an activation, or if one of the two is used more
 * than once.
 *
 * @param model any built tf.LayersModel of serialisable layers, nested models included
 * @param options precision of the kernels; see {@link FoldBatchNormalizationOptions}
 * @returns an uncompiled model with the same inputs and outputs; layers keep their names
 * @throws TypeError for anything but a model, or an unknown option; RangeError for an unknown precision
 * @see Jacob et al., "Quantization and Training of Neural Networks" (2018), section 3.2, equation 14
 * @example
 * ```ts
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3] });
 * const folded = conv.foldBatchNormalization(model);
 * console.log(model.layers.length - folded.layers.length); // 27
 * ```
 */
export function foldBatchNormalization(
  model: tf.LayersModel,
  options: FoldBatchNormalizationOptions = {},
): tf.LayersModel {
  checkModel(ACTION, model);
  checkOptions(ACTION, options, OPTIONS);
  const precision = checkOneOf(ACTION, 'precision', options.precision ?? 'single', PRECISIONS);
  const folded = foldAll(model);
  if (precision === 'single') return folded;
  const stored = storeInHalf(folded);
  folded.dispose();
  return stored;
}

function foldAll(model: tf.LayersModel): tf.LayersModel {
  const pairs = findPairs(model);
  const normalizations = new Set(pairs.values());
  const { copy, layers } = copyModel(model, (layer) => {
    if (normalizations.has(layer)) return undefined;
    const normalization = pairs.get(layer);
    return restore(layer, normalization === undefined ? {} : foldedConfig(layer, normalization));
  });
  tf.tidy(() => {
    for (const [layer, made] of layers) {
      const normalization = pairs.get(layer);
      const unfolded = weightsOf(layer);
      const weights =
        normalization === undefined ? unfolded : fold(layer, unfolded, weightsOf(normalization), normalization);
      made.setWeights(made.weights.map((weight) => weights.get(ownName(weight))!));
    }
  });
  return copy;
}

/** Finds the layers whose only consumer is a normalisation, with that normalisation. */
function findPairs(model: tf.LayersModel): ReadonlyMap<tf.layers.Layer, tf.layers.Layer> {
  const uses = new Map<tf.layers.Layer, number>();
  const readers = new Map<number, number>();
  const candidates: (readonly [tf.layers.Layer, tf.SymbolicTensor])[] = [];
  const visitModel = (visited: tf.LayersModel): void => {
    const visitedNodes = new Set<unknown>();
    const visit = (tensor: tf.SymbolicTensor): void => {
      const layer = tensor.sourceLayer;
      const node = layer.inboundNodes[tensor.nodeIndex]!;
      if (visitedNodes.has(node)) return;
      visitedNodes.add(node);
      const first = !uses.has(layer);
      uses.set(layer, (uses.get(layer) ?? 0) + 1);
      if (layer instanceof tf.LayersModel && first) visitModel(layer);
      const infers = node.callArgs?.training !== true;
      if (infers && NORMALIZATIONS.includes(layer.getClassName())) candidates.push([layer, node.inputTensors[0]!]);
      node.inputTensors.forEach(read);
      if (!visited.inputs.some(({ id }) => id === tensor.id)) node.inputTensors.forEach(visit);
    };
    const read = ({ id }: tf.SymbolicTensor): void => {
      readers.set(id, (readers.get(id) ?? 0) + 1);
    };
    visited.outputs.forEach(read);
    visited.outputs.forEach(visit);
  };
  visitModel(model);
  const pairs = candidates.flatMap(([layer, given]) => {
    const source = given.sourceLayer;
    const isOnlyUse = readers.get(given.id) === 1 && uses.get(source) === 1 && uses.get(layer) === 1;
    return isOnlyUse && canFold(source, layer, given.shape.length) ? [[source, layer] as const] : [];
  });
  return new Map(pairs);
}

function canFold(source: tf.layers.Layer, normalization: tf.layers.Layer, rank: number): boolean {
  const foldable = FOLDABLE[source.getClassName()];
  if (foldable === undefined) return false;
  const { activation, dataFormat, precision = 'single' } = source.getConfig();
  const axis = (normalization.getConfig().axis as number | undefined) ?? -1;
  const channels = dataFormat === 'channelsFirst' ? 1 : rank - 1;
  return precision === 'single' && (activation ?? 'linear') === 'linear' && (axis + rank) % rank === channels;
}

/** Config of the layer with a bias, without constraints, and with the normalisation's activation. */
function foldedConfig(layer: tf.layers.Layer, normalization: tf.layers.Layer): tf.serialization.ConfigDict {
  const { constraint } = FOLDABLE[layer.getClassName()]!;
  const activation = normalization.getConfig().activation ?? 'linear';
  return { useBias: true, activation, [constraint]: null, biasConstraint: null };
}

/** Weights of the layer that make the normalisation an identity. */
function fold(
  layer: tf.layers.Layer,
  weights: ReadonlyMap<string, tf.Tensor>,
  statistics: ReadonlyMap<string, tf.Tensor>,
  normalization: tf.layers.Layer,
): Map<string, tf.Tensor> {
  const { kernel: name, channels } = FOLDABLE[layer.getClassName()]!;
  const epsilon = normalization.getConfig().epsilon as number;
  const deviation = tf.sqrt(tf.add(statistics.get('moving_variance')!, epsilon));
  const scale = tf.div(statistics.get('gamma') ?? 1, deviation);
  const centred = tf.sub(weights.get('bias') ?? 0, statistics.get('moving_mean')!);
  const bias = tf.add(tf.mul(centred, scale), statistics.get('beta') ?? 0);
  // A deformable layer may be depthwise: the multiplier is then the last axis of its kernel.
  const kernelName = weights.has(name) ? name : 'depthwise_kernel';
  const kernel = weights.get(kernelName)!;
  const depthwise = channels === 'depthwise' || kernelName !== name;
  const kernelScale = depthwise
    ? tf.reshape(scale, kernel.shape.slice(2))
    : channels === 'transposed'
      ? scaleByInput(scale, kernel.shape)
      : scale;
  return new Map([...weights, [kernelName, tf.mul(kernel, kernelScale)], ['bias', bias]]);
}

/** Scale, [outChannels / groups, inChannels], of each output channel within the group of each input channel. */
function scaleByInput(scale: tf.Tensor, [, , perGroup, inChannels]: readonly number[]): tf.Tensor {
  const groups = scale.size / perGroup!;
  const byGroup = tf.reshape(tf.transpose(tf.reshape(scale, [groups, perGroup!])), [perGroup!, groups, 1]);
  return tf.reshape(tf.tile(byGroup, [1, 1, inChannels! / groups]), [perGroup!, inChannels!]);
}
