/**
 * The block of MobileNetV2 and V3: a pointwise convolution to more channels, a depthwise one, and a linear pointwise one
 * to few channels, with the input added where both have one shape (Sandler et al. 2018, Table 1 and section 3.3).
 */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../layers/registry.js';
import {
  apply,
  channelsOf,
  depthwiseConvolution,
  join,
  normalize,
  passThrough,
  zerosForStride2,
  type Deformation,
  type Normalization,
} from './blocks.js';

/** One block, at its final width. */
export interface InvertedResidual {
  /** Channels of the depthwise convolution; undefined for those of the input, which no convolution then expands. */
  readonly expanded: number | undefined;
  readonly channels: number;
  readonly kernelSize: number;
  readonly strides: 1 | 2;
  /** Of the depthwise convolution; above 1 with strides 1 only. @default 1 */
  readonly dilation?: number;
  /** Whether the block ends in its last convolution, without a normalisation and an addition. @default false */
  readonly bare?: boolean;
}

/** How a network finishes and names what the blocks are built of. */
export interface InvertedResidualStyle {
  /** Normalises and activates the output of the convolution with this name. */
  readonly activate: (x: tf.SymbolicTensor, name: string) => tf.SymbolicTensor;
  /** Follows the activated depthwise convolution. @default nothing */
  readonly attend?: (x: tf.SymbolicTensor, prefix: string) => tf.SymbolicTensor;
  /** Ends the name of a normalisation. */
  readonly normalized: 'BN' | 'bn';
  /**
   * Ends the name of the layer that puts zeros around an image for stride 2 in Keras, and passes it on here, where the
   * convolution does that; null where Keras has no such layer, which comes to the same for known sizes, and rounds up for
   * those not known as well.
   */
  readonly padded: 'pad' | 'depthwise_pad' | null;
  readonly deformation: Deformation;
  readonly normalization: Normalization;
}

/** Adds one block, the names of whose layers start with `prefix`. */
export function addInvertedResidual(
  x: tf.SymbolicTensor,
  prefix: string,
  block: InvertedResidual,
  style: InvertedResidualStyle,
): tf.SymbolicTensor {
  const { expanded, channels, kernelSize, strides, dilation = 1, bare = false } = block;
  const pointwise = (from: tf.SymbolicTensor, name: string, filters: number): tf.SymbolicTensor =>
    apply(layers.pointwiseConv2d({ name, filters, useBias: false }), from);

  const spread = `${prefix}_expand`;
  let y = expanded === undefined ? x : style.activate(pointwise(x, spread, expanded), spread);

  const name = `${prefix}_depthwise`;
  const padded = strides === 2 && style.padded !== null;
  const padding = padded ? zerosForStride2(y, kernelSize) : 'same';
  if (padded) y = passThrough(y, `${prefix}_${style.padded}`);
  const window = { name, kernelSize, strides, padding, dilationRate: dilation } as const;
  y = style.activate(apply(depthwiseConvolution(window, style.deformation), y), name);
  if (style.attend !== undefined) y = style.attend(y, prefix);

  const project = `${prefix}_project`;
  y = pointwise(y, project, channels);
  if (bare) return y;
  y = normalize(y, `${project}_${style.normalized}`, style.normalization);
  if (strides === 2 || channelsOf(x) !== channels) return y;
  return join(tf.layers.add({ name: `${prefix}_add` }), [x, y]);
}
