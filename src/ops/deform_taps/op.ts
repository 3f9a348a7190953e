/**
 * What deformConv2dV3 and deformConv2d have between them: offsets and weights of the taps of a stretched grid, which may
 * lack the one in the middle, as offsets and weights of all taps of the plain grid. Composed of the host's own operators
 * it would compile a program for every size on WebGL.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import { runKernel1 } from '../run_kernel.js';
import { DEFORM_TAPS, type TapAttributes } from './names.js';

/** The taps of a call. */
export interface TapOptions extends Omit<TapAttributes, 'width' | 'scale'> {
  /** Stretches grid and offsets alike around the centre of the kernel. */
  readonly offsetScale: number;
  /** Whether weights are given as logits. */
  readonly softmax: boolean;
}

/** Offsets of all taps, of offsets [n, outH, outW, groups · P · 2]. Differentiable. */
export function placeOffsets(action: Action, offset: tf.Tensor4D, options: TapOptions): tf.Tensor4D {
  const { offsetScale: scale, removeCenter } = options;
  if (scale === 1 && !removeCenter) return offset;
  return runKernel1(action, DEFORM_TAPS.place, { given: offset }, attributesOf(options, 2, scale)) as tf.Tensor4D;
}

/** Weights of all taps, of weights or logits [n, outH, outW, groups · P]. Differentiable. */
export function placeWeights(action: Action, mask: tf.Tensor4D, options: TapOptions): tf.Tensor4D {
  const attributes = attributesOf(options, 1, 1);
  if (options.softmax) return runKernel1(action, DEFORM_TAPS.softmax, { logits: mask }, attributes) as tf.Tensor4D;
  if (!options.removeCenter) return mask;
  return runKernel1(action, DEFORM_TAPS.place, { given: mask }, attributes) as tf.Tensor4D;
}

function attributesOf(options: TapOptions, width: 1 | 2, scale: number): TapAttributes {
  const { place, groups, kernel, dilations, removeCenter } = options;
  return { place, groups, kernel, dilations, removeCenter, width, scale };
}
