/** Gradients of the region operators. Boxes have none; if a network computes them, stop their gradient. */
import * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import { runKernel, runKernelSingle } from '../run_kernel.js';
import type { RoiKernelNames } from './kernels.js';

type Saved = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** Gradients of the inputs that are not differentiable, each of which throws. */
function none(action: Action): Record<'boxes' | 'boxIndices', () => tf.Tensor> {
  const refuse = (name: string) => (): tf.Tensor => {
    const rule = 'boxes carry no gradient; pass them as values that do not depend on what is trained';
    throw new Error(`Cannot ${action}: ${rule}, received x = ${name}`);
  };
  return { boxes: refuse('boxes'), boxIndices: refuse('boxIndices') };
}

/** Gradients of an operator that is linear in x: forward and backward are each other's gradient, to any order. */
export function linearGradients(action: Action, { forward, backward }: RoiKernelNames): readonly tf.GradConfig[] {
  const inputsToSave = ['boxes', 'boxIndices'];
  return [
    {
      kernelName: forward,
      inputsToSave,
      gradFunc: (upstream, saved, attributes) => {
        const [boxes, boxIndices] = saved as Saved;
        const dy = upstream as tf.Tensor;
        return { x: () => runKernelSingle(action, backward, { boxes, boxIndices, dy }, attributes), ...none(action) };
      },
    },
    {
      kernelName: backward,
      inputsToSave,
      gradFunc: (upstream, saved, attributes) => {
        const [boxes, boxIndices] = saved as Saved;
        const x = upstream as tf.Tensor;
        return { dy: () => runKernelSingle(action, forward, { x, boxes, boxIndices }, attributes), ...none(action) };
      },
    },
  ];
}

/** Gradients of a maximum, whose backward kernel finds the positions of the maxima in x again. */
export function maximumGradients(action: Action, { forward, backward }: RoiKernelNames): readonly tf.GradConfig[] {
  return [
    {
      kernelName: forward,
      inputsToSave: ['x', 'boxes', 'boxIndices'],
      gradFunc: (upstream, saved, attributes) => {
        const [x, boxes, boxIndices] = saved as Saved;
        const dy = upstream as tf.Tensor;
        return {
          x: () => runKernelSingle(action, backward, { x, boxes, boxIndices, dy }, attributes),
          ...none(action),
        };
      },
    },
  ];
}

/** Gradients of an operator with offsets. */
export function deformedGradients(action: Action, { forward, backward }: RoiKernelNames): readonly tf.GradConfig[] {
  return [
    {
      kernelName: forward,
      inputsToSave: ['x', 'boxes', 'boxIndices', 'offset'],
      gradFunc: (upstream, saved, attributes) => {
        const [x, boxes, boxIndices, offset] = saved as Saved;
        const dy = upstream as tf.Tensor;
        // Both come from one pass. It runs here rather than inside a thunk: the engine tidies each thunk separately, so
        // a result computed in one would be disposed before the next could return it.
        const [dx, doffset] = runKernel(action, backward, { x, boxes, boxIndices, offset, dy }, attributes);
        return { x: () => dx!, offset: () => doffset!, ...none(action) };
      },
    },
  ];
}
