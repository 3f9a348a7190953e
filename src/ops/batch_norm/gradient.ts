/** Gradients of batchNorm and batchNormInference (first order). */
import * as tf from '@tensorflow/tfjs';
import { runKernel } from '../run_kernel.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE } from './kernels.js';

const training: tf.GradConfig = {
  kernelName: BATCH_NORM.forward,
  inputsToSave: ['x', 'gamma'],
  outputsToSave: [true, true, true],
  gradFunc: (upstream, saved, attributes) => {
    // Gradients of mean and variance are ignored: they only feed the moving averages, which are not trained.
    const [dy] = upstream as tf.Tensor[];
    const [x, gamma, y, mean, variance] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const inputs = { x, gamma, y, mean, variance, dy: dy! };
    const [dx, dgamma, dbeta] = runKernel('differentiate batchNorm', BATCH_NORM.backward, inputs, attributes);
    return { x: () => dx!, gamma: () => dgamma!, beta: () => dbeta! };
  },
};

const inference: tf.GradConfig = {
  kernelName: BATCH_NORM_INFERENCE.forward,
  inputsToSave: ['x', 'mean', 'variance', 'gamma'],
  outputsToSave: [true],
  gradFunc: (upstream, saved, attributes) => {
    const dy = upstream as tf.Tensor;
    const [x, mean, variance, gamma, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const action = 'differentiate batchNormInference';
    const inputs = { x, gamma, y, mean, variance, dy };
    const [dx, dgamma, dbeta] = runKernel(action, BATCH_NORM_INFERENCE.backward, inputs, attributes);
    const none = (name: string) => () => {
      throw new Error(`Cannot ${action}: statistics carry no gradient, received x = ${name}`);
    };
    return { x: () => dx!, gamma: () => dgamma!, beta: () => dbeta!, mean: none('mean'), variance: none('variance') };
  },
};

export const batchNormGradients = [training] as const;
export const batchNormInferenceGradients = [inference] as const;
