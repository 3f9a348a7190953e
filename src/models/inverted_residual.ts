/**
 * Inverted residual block of MobileNetV2 and V3: a pointwise expansion, a depthwise convolution and a linear pointwise
 * projection, with the input added if shapes match (Sandler et al. 2018, Table 1 and section 3.3).
 */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../layers/registry.js';
import {
  apply,
  channelsOf,
  depthwiseConvolution,
  evenZeros,
  join,
  normalize,
  passThrough,
  zerosForStride2,
  type Deformation,
  type Normalization,
} from './blocks.js';

/** One block, at its final width. */
export interface InvertedResidual {
  /** Number of channels of the depthwise convolution; undefined to keep those of the input, without an expansion. */
  readonly expanded: number | undefined;
  readonly channels: number;
  readonly kernelSize: number;
  readonly strides: 1 | 2;
  /** Dilation of the depthwise convolution; above 1 with strides 1 only. @default 1 */
  readonly dilation?: number;
  /** Whether to end the block at its last convolution, without normalisation and addition. @default false */
  readonly bare?: boolean;
}

/** Layers and names that differ between networks. */
export interface InvertedResidualStyle {
  /** Normalises and activates the output of the convolution with this name. */
  readonly activate: (x: tf.SymbolicTensor, name: string) => tf.SymbolicTensor;
  /** Applied after the activated depthwise convolution. @default nothing */
  readonly attend?: (x: tf.SymbolicTensor, prefix: string) => tf.SymbolicTensor;
  /** Suffix of the normalisations' names. */
  readonly normalized: 'BN' | 'bn';
  /**
   * Suffix of the layer that zero-pads an image before stride 2 in Keras; here it is an identity, since the convolution
   * pads. Null if Keras has no such layer; padding is then that of `'same'`, equal for known sizes, and for unknown
   * ones it is also rounded up.
   */
  readonly padded: 'pad' | 'depthwise_pad' | null;
  /** True if stride-2 layers pad both ends alike. @default false */
  readonly evenPadding?: boolean | undefined;
  readonly deformation: Deformation;
  readonly normalization: Normalization;
}

/** Adds one block, whose layer names start with `prefix`. */
export function addInvertedResidual(
  x: tf.SymbolicTensor,
  prefix: string,
  block: InvertedResidual,
  style: InvertedResidualStyle,
): tf.SymbolicTensor {
  const { expanded, channels, kernelSize, strides, dilation = 1, bare = false } = block;
  const pointwise = (from: tf.SymbolicTensor, name: string, filters: number): tf.SymbolicTensor =>
    apply(layers.pointwiseConv2d({ name, filters, useBias: false }), from);

  const expand = `${prefix}_expand`;
  let y = expanded === undefined ? x : style.activate(pointwise(x, expand, expanded), expand);

  const name = `${prefix}_depthwise`;
  const padded = strides === 2 && style.padded !== null;
  const isEven = strides === 2 && style.evenPadding === true;
  const padding = isEven ? evenZeros(kernelSize) : padded ? zerosForStride2(y, kernelSize) : 'same';
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
