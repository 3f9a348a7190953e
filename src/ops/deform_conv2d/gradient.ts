/** Gradients of deformConv2d (first order). */
import * as tf from '@tensorflow/tfjs';
import { biasGradient } from '../bias_add/op.js';
import { runKernel, runKernelSingle } from '../run_kernel.js';
import { DEFORM_CONV2D } from './kernels.js';

const ACTION = 'differentiate deformConv2d';

const forward: tf.GradConfig = {
  kernelName: DEFORM_CONV2D.forward,
  inputsToSave: ['x', 'offset', 'filter', 'mask'],
  gradFunc: (upstream, saved, attributes) => {
    const dy = upstream as tf.Tensor;
    const [x, offset, filter, mask] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    // dx, doffset and dmask come from one pass. It runs here rather than inside a thunk: the engine tidies each thunk
    // separately, so a result computed in one would be disposed before the next could return it.
    const data = runKernel(ACTION, DEFORM_CONV2D.backwardData, { x, offset, filter, mask, dy }, attributes);
    return {
      x: () => data[0]!,
      offset: () => data[1]!,
      filter: () => runKernelSingle(ACTION, DEFORM_CONV2D.backwardFilter, { x, offset, mask, dy }, attributes),
      mask: () => data[2]!,
      bias: () => biasGradient(ACTION, dy),
    };
  },
};

export const gradients = [forward] as const;
