/**
 * Gradients of an operator that is linear in both its image and its filter, and of its two gradients. The three kernels
 * are closed under differentiation: every gradient of one is another of them, to any order.
 */
import * as tf from '@tensorflow/tfjs';
import type { Action } from '../errors.js';
import type { ConvGeometry } from '../kernel/geometry.js';
import { activationGradient } from './activation/op.js';
import { biasGradient } from './bias_add/op.js';
import { runKernelSingle } from './run_kernel.js';

/** Names of the kernels. */
export interface BilinearKernels {
  /** Computes y from x, filter and bias. */
  readonly forward: string;
  /** Computes y from x, filter and bias, with an activation. */
  readonly fused: string;
  /** Computes dx from dy and filter. */
  readonly backwardInput: string;
  /** Computes dfilter from x and dy. */
  readonly backwardFilter: string;
}

/** Builds the gradients of the three kernels, each out of the other two. */
export function bilinearGradients(action: Action, kernels: BilinearKernels): readonly tf.GradConfig[] {
  const toOutput = (x: tf.Tensor, filter: tf.Tensor, geometry: object) =>
    runKernelSingle(action, kernels.forward, { x, filter }, geometry);
  const toInput = (dy: tf.Tensor, filter: tf.Tensor, geometry: object) =>
    runKernelSingle(action, kernels.backwardInput, { dy, filter }, geometry);
  const toFilter = (x: tf.Tensor, dy: tf.Tensor, geometry: object) =>
    runKernelSingle(action, kernels.backwardFilter, { x, dy }, geometry);
  const toInputs = (dy: tf.Tensor, [x, filter]: readonly tf.Tensor[], geometry: object) => ({
    x: () => toInput(dy, filter!, geometry),
    filter: () => toFilter(x!, dy, geometry),
    bias: () => biasGradient(action, dy),
  });
  const fused: tf.GradConfig = {
    kernelName: kernels.fused,
    inputsToSave: ['x', 'filter'],
    outputsToSave: [true],
    gradFunc: (upstream, saved, attributes) => {
      const { activation = 'linear', ...geometry } = attributes as Partial<ConvGeometry>;
      return toInputs(activationGradient(action, upstream as tf.Tensor, saved[2]!, activation), saved, geometry);
    },
  };
  return [
    fused,
    {
      kernelName: kernels.forward,
      inputsToSave: ['x', 'filter'],
      gradFunc: (upstream, saved, geometry) => toInputs(upstream as tf.Tensor, saved, geometry),
    },
    {
      kernelName: kernels.backwardInput,
      inputsToSave: ['dy', 'filter'],
      gradFunc: (upstream, saved, geometry) => {
        const ddx = upstream as tf.Tensor;
        const [dy, filter] = saved as [tf.Tensor, tf.Tensor];
        return { dy: () => toOutput(ddx, filter, geometry), filter: () => toFilter(ddx, dy, geometry) };
      },
    },
    {
      kernelName: kernels.backwardFilter,
      inputsToSave: ['x', 'dy'],
      gradFunc: (upstream, saved, geometry) => {
        const ddfilter = upstream as tf.Tensor;
        const [x, dy] = saved as [tf.Tensor, tf.Tensor];
        return { x: () => toInput(dy, ddfilter, geometry), dy: () => toOutput(x, ddfilter, geometry) };
      },
    },
  ];
}
