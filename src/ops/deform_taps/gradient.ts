/** Gradients of deformTaps (first order, like those of the sampling that follows). */
import type * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { DEFORM_TAPS } from './kernels.js';

const ACTION = 'differentiate deformConv2dV3';

const place: tf.GradConfig = {
  kernelName: DEFORM_TAPS.place,
  gradFunc: (upstream, _, attributes) => {
    const dplaced = upstream as tf.Tensor;
    return { given: () => runKernelSingle(ACTION, DEFORM_TAPS.placeBackward, { dplaced }, attributes) };
  },
};

const softmax: tf.GradConfig = {
  kernelName: DEFORM_TAPS.softmax,
  outputsToSave: [true],
  gradFunc: (upstream, saved, attributes) => {
    const inputs = { weights: saved[0]!, dweights: upstream as tf.Tensor };
    return { logits: () => runKernelSingle(ACTION, DEFORM_TAPS.softmaxBackward, inputs, attributes) };
  },
};

export const gradients = [place, softmax] as const;
