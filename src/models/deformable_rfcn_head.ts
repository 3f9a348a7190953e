/**
 * Head of Deformable R-FCN (Dai et al., "Deformable Convolutional Networks", 2017, section 2.2 and Figure 4) for any
 * trunk, as in the authors' code: offset maps are pooled first, without offsets; then score and box maps are pooled at
 * these offsets. Without offsets it is the head of R-FCN (Dai et al., 2016).
 */
import * as tf from '@tensorflow/tfjs';
import { receptiveField } from '../analysis/receptive_field.js';
import { checkInteger, checkNumber, rangeError } from '../errors.js';
import { toBoolean, toNumber } from '../layers/config.js';
import { layers } from '../layers/registry.js';
import { apply, join } from './blocks.js';
import { network } from './network.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkModel } from '../support/check_model.js';

/** Options of {@link deformableRFCNHead}. */
export interface DeformableRFCNHeadOptions {
  /** Number of classes, including the background as class 0. */
  readonly classes: number;
  /** Name of the trunk layer whose features the head reads. @default the trunk's output */
  readonly layer?: string;
  /** Number of bins of a box along each axis. @default 7 */
  readonly bins?: number;
  /** Number of channels after the first 1×1 convolution. @default 1024 */
  readonly channels?: number;
  /** Whether to predict offsets of the bins; if false, the head is that of R-FCN. @default true */
  readonly deformable?: boolean;
  /** Scale from image pixels to feature pixels. @default one over the stride of the features */
  readonly spatialScale?: number;
  /** Scale of the offsets, relative to the size of the box. @default 0.1 */
  readonly transStd?: number;
}

/** The two outputs per box. */
const OUTPUTS = [
  { name: 'scores', depth: (classes: number) => classes, groups: (classes: number) => classes },
  { name: 'boxes', depth: () => 4, groups: () => 1 },
] as const satisfies readonly {
  readonly name: string;
  /** Number of values per box. */
  readonly depth: (classes: number) => number;
  /** Number of groups of these values with their own offsets. */
  readonly groups: (classes: number) => number;
}[];

const ACTION = 'build deformableRFCNHead';
const OPTIONS = {
  classes: true,
  layer: true,
  bins: true,
  channels: true,
  deformable: true,
  spatialScale: true,
  transStd: true,
} as const satisfies OptionNames<DeformableRFCNHeadOptions>;
/** Stands in for an unknown image size. */
const ANY_SIZE = 224;

/**
 * Builds the head of Deformable R-FCN on a trunk, not compiled; it shares the trunk's layers.
 *
 * Inputs: those of the trunk; boxes [k, 4], (y1, x1, y2, x2) in pixels of the image; and the image index of each box,
 * boxIndices [k, 1], int32. Outputs, per box: class scores [k, classes], before softmax, and class-agnostic box offsets
 * [k, 4]. Since the numbers of boxes and images differ, call the model with `apply`.
 *
 * Layers: `reduce` (1×1, ReLU); `scores_maps` and `boxes_maps` (1×1, bins² channels per value), `scores_offset_maps`
 * (two values per class, zero-initialised) and `boxes_offset_maps`; the poolings `scores_offsets`, `boxes_offsets`,
 * `scores_bins` and `boxes_bins`; `scores` and `boxes`, which average over the bins.
 *
 * @param trunk a built network with one input [n, height, width, channels]
 * @param options classes and size of the head; see {@link DeformableRFCNHeadOptions}
 * @returns a model from [images, boxes, boxIndices] to [scores, offsets]
 * @throws TypeError for a wrong type; RangeError for an option out of range or a trunk that does not fit
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 2.2; Dai et al., "R-FCN" (2016), section 2
 * @example
 * ```ts
 * const trunk = conv.mobileNetV1({ alpha: 0.25, inputShape: [64, 64, 3], includeTop: false, downsampling: 3 });
 * const model = conv.deformableRFCNHead(trunk, { classes: 4, bins: 3, channels: 64 });
 * const boxes = tf.tensor2d([[8, 8, 40, 32]]);
 * const [scores] = model.apply([tf.zeros([1, 64, 64, 3]), boxes, tf.zeros([1, 1], 'int32')]);
 * console.log(scores.shape); // [1, 4]
 * ```
 */
export function deformableRFCNHead(trunk: tf.LayersModel, options: DeformableRFCNHeadOptions): tf.LayersModel {
  checkModel(ACTION, trunk, 'trunk');
  checkOptions(ACTION, options, OPTIONS);
  const classes = checkInteger(ACTION, 'classes', options.classes, 2);
  const bins = checkInteger(ACTION, 'bins', options.bins ?? 7, 1);
  const filters = checkInteger(ACTION, 'channels', options.channels ?? 1024, 1);
  const deformable = toBoolean(ACTION, 'deformable', options.deformable, true);
  const transStd = toNumber(ACTION, 'transStd', options.transStd, 0.1, 0);
  const given = options.spatialScale;
  if (given !== undefined) checkNumber(ACTION, 'spatialScale', given, { above: 0 });

  const features = readFeatures(trunk, options.layer);
  const spatialScale = given ?? findScale(trunk, features);
  const boxes = tf.input({ shape: [4], name: 'boxes_input' });
  const boxIndices = tf.input({ shape: [1], dtype: 'int32', name: 'box_indices_input' });
  const reduced = apply(layers.pointwiseConv2d({ name: 'reduce', filters, activation: 'relu' }), features);

  /** Adds position-sensitive maps and pools the boxes' bins on them. */
  const pool = (
    names: { readonly maps: string; readonly bins: string },
    pooled: { readonly depth: number; readonly groups?: number; readonly kernelInitializer?: 'zeros' },
    offset: readonly tf.SymbolicTensor[] = [],
  ): tf.SymbolicTensor => {
    const { depth, groups = 1, kernelInitializer = 'glorotUniform' } = pooled;
    const maps = layers.pointwiseConv2d({ name: names.maps, filters: bins ** 2 * depth, kernelInitializer });
    const pooling = layers.deformablePsRoiPool({
      name: names.bins,
      outputDim: depth,
      pooledSize: bins,
      classes: groups,
      spatialScale,
      transStd,
      predictOffsets: false,
    });
    return join(pooling, [apply(maps, reduced), boxes, boxIndices, ...offset]);
  };
  const outputs = OUTPUTS.map(({ name, depth, groups }) => {
    const offsets = { maps: `${name}_offset_maps`, bins: `${name}_offsets` };
    const offsetInputs = deformable ? [pool(offsets, { depth: 2 * groups(classes), kernelInitializer: 'zeros' })] : [];
    const scoreMaps = { depth: depth(classes), groups: groups(classes) };
    const pooledBins = pool({ maps: `${name}_maps`, bins: `${name}_bins` }, scoreMaps, offsetInputs);
    return apply(tf.layers.globalAveragePooling2d({ name }), pooledBins);
  });
  const inputs = [...trunk.inputs, boxes, boxIndices];
  return network({ inputs, outputs, name: `${deformable ? 'deformable_' : ''}rfcn_${trunk.name}` });
}

/** Features that the head reads. */
function readFeatures(trunk: tf.LayersModel, name: string | undefined): tf.SymbolicTensor {
  if (trunk.inputs.length !== 1 || trunk.inputs[0]!.shape.length !== 4) {
    const rule = 'the trunk must have one input [n, height, width, channels]';
    throw rangeError(ACTION, rule, 'inputs', shapesOf(trunk.inputs));
  }
  const layer = trunk.layers.find((candidate) => candidate.name === name);
  if (name !== undefined && layer === undefined) {
    throw rangeError(ACTION, 'layer must be the name of a layer of the trunk', 'layer', name);
  }
  const outputs = layer === undefined ? trunk.outputs : [layer.output].flat();
  if (outputs.length !== 1 || outputs[0]!.shape.length !== 4) {
    const rule = 'the features must be one output [n, height, width, channels]';
    throw rangeError(ACTION, rule, 'outputs', shapesOf(outputs));
  }
  return outputs[0]!;
}

/** Scale of the features: one over their stride, which does not depend on the image size. */
function findScale(trunk: tf.LayersModel, features: tf.SymbolicTensor): number {
  const [height, width, channels] = trunk.inputs[0]!.shape.slice(1);
  const image = [height ?? ANY_SIZE, width ?? ANY_SIZE, channels!];
  const featureModel = tf.model({ inputs: trunk.inputs, outputs: features });
  const [y, x] = receptiveField(featureModel, { inputShape: image }).layers.at(-1)!.stride;
  if (y === x) return 1 / y;
  throw rangeError(ACTION, 'spatialScale must be given if the strides of the axes differ', 'strides', [y, x]);
}

function shapesOf(tensors: readonly tf.SymbolicTensor[]): tf.Shape[] {
  return tensors.map(({ shape }) => shape);
}
