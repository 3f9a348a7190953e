/**
 * Bridge from deformConv2dV3 to deformConv2d: turns the offsets and weights of a scaled grid, which may lack its centre
 * tap, into those of all taps of the plain grid. Composed of TensorFlow.js operators it would compile a program per
 * size on WebGL.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import { runKernelSingle } from '../run_kernel.js';
import { DEFORM_TAPS, type TapAttributes } from './kernels.js';

/** Taps of one call. */
export interface TapOptions extends Omit<TapAttributes, 'width' | 'scale'> {
  /** Factor that scales both grid and offsets about the centre of the kernel. */
  readonly offsetScale: number;
  /** True if weights are given as logits. */
  readonly softmax: boolean;
}

/** Offsets of all taps, from offsets [n, outH, outW, groups · P · 2]. Differentiable. */
export function placeOffsets(action: Action, offset: tf.Tensor4D, options: TapOptions): tf.Tensor4D {
  const { offsetScale: scale, removeCenter } = options;
  if (scale === 1 && !removeCenter) return offset;
  return runKernelSingle(action, DEFORM_TAPS.place, { given: offset }, attributesOf(options, 2, scale)) as tf.Tensor4D;
}

/** Weights of all taps, from weights or logits [n, outH, outW, groups · P]. Differentiable. */
export function placeWeights(action: Action, mask: tf.Tensor4D, options: TapOptions): tf.Tensor4D {
  const attributes = attributesOf(options, 1, 1);
  if (options.softmax) return runKernelSingle(action, DEFORM_TAPS.softmax, { logits: mask }, attributes) as tf.Tensor4D;
  if (!options.removeCenter) return mask;
  return runKernelSingle(action, DEFORM_TAPS.place, { given: mask }, attributes) as tf.Tensor4D;
}

function attributesOf(options: TapOptions, width: 1 | 2, scale: number): TapAttributes {
  const { outputGrid, groups, kernel, dilations, removeCenter } = options;
  return { outputGrid, groups, kernel, dilations, removeCenter, width, scale };
}
