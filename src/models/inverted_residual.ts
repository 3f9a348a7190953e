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
  padForStride2,
  paddingOf,
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
}

/** How a network finishes and names what the blocks are built of. */
export interface InvertedResidualStyle {
  /** Normalises and activates the output of the convolution with this name. */
  readonly activate: (x: tf.SymbolicTensor, name: string) => tf.SymbolicTensor;
  /** Follows the activated depthwise convolution. @default nothing */
  readonly attend?: (x: tf.SymbolicTensor, prefix: string) => tf.SymbolicTensor;
  /** Ends the name of a normalisation. */
  readonly normalized: 'BN' | 'bn';
  /** Ends the name of the zeros that stride 2 needs. */
  readonly padded: 'pad' | 'depthwise_pad';
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
  const { expanded, channels, kernelSize, strides } = block;
  const pointwise = (from: tf.SymbolicTensor, name: string, filters: number): tf.SymbolicTensor =>
    apply(layers.pointwiseConv2d({ name, filters, useBias: false }), from);

  const spread = `${prefix}_expand`;
  let y = expanded === undefined ? x : style.activate(pointwise(x, spread, expanded), spread);

  const name = `${prefix}_depthwise`;
  if (strides === 2) y = padForStride2(y, `${prefix}_${style.padded}`, kernelSize);
  const depthwise = depthwiseConvolution({ name, kernelSize, strides, padding: paddingOf(strides) }, style.deformation);
  y = style.activate(apply(depthwise, y), name);
  if (style.attend !== undefined) y = style.attend(y, prefix);

  const project = `${prefix}_project`;
  y = normalize(pointwise(y, project, channels), `${project}_${style.normalized}`, style.normalization);
  if (strides === 2 || channelsOf(x) !== channels) return y;
  return join(tf.layers.add({ name: `${prefix}_add` }), [x, y]);
}
