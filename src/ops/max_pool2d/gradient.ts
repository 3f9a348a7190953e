/**
 * Gradients of maxPool2d. The operator is piecewise linear: for a given x, `backward` and `select` are each other's
 * adjoint, and have no gradient with respect to x, which only determines the positions of the maxima. So there are
 * gradients of every order.
 */
import * as tf from '@tensorflow/tfjs';
import { runKernelSingle } from '../run_kernel.js';
import { MAX_POOL2D } from './kernels.js';

const ACTION = 'differentiate maxPool2d';

const forward: tf.GradConfig = {
  kernelName: MAX_POOL2D.forward,
  inputsToSave: ['x'],
  gradFunc: (upstream, saved, geometry) => ({
    x: () => runKernelSingle(ACTION, MAX_POOL2D.backward, { x: saved[0], dy: upstream as tf.Tensor }, geometry),
  }),
};

const backward: tf.GradConfig = {
  kernelName: MAX_POOL2D.backward,
  inputsToSave: ['x'],
  gradFunc: (upstream, saved, geometry) => ({
    dy: () => runKernelSingle(ACTION, MAX_POOL2D.select, { x: saved[0], values: upstream as tf.Tensor }, geometry),
    x: () => tf.zerosLike(saved[0]!),
  }),
};

const select: tf.GradConfig = {
  kernelName: MAX_POOL2D.select,
  inputsToSave: ['x'],
  gradFunc: (upstream, saved, geometry) => ({
    values: () => runKernelSingle(ACTION, MAX_POOL2D.backward, { x: saved[0], dy: upstream as tf.Tensor }, geometry),
    x: () => tf.zerosLike(saved[0]!),
  }),
};

export const gradients = [forward, backward, select] as const;
