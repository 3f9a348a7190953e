/** Clipping of the gradients of all variables in one kernel, which needs no value on the CPU. */
import type * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';
import { checkFloatTensor } from '../checks.js';
import { toNamed } from '../lists.js';
import { runKernel } from '../run_kernel.js';
import { CLIP_GRADIENTS, type ClipAttributes } from './kernels.js';

const ACTION = 'run clipGradients';

/**
 * Clips gradients. Not differentiable.
 *
 * - `'value'`: every element to [−limit, limit]
 * - `'norm'`: every gradient times limit / max(its Euclidean norm, limit)
 * - `'globalNorm'`: all gradients times limit / max(the norm of all of them together, limit)
 *
 * @param gradients one or more tensors of any shape, float32
 * @param attributes way to clip, and the limit, above 0
 * @throws TypeError if a gradient is not float32; RangeError if there is none
 */
export function clipGradients(gradients: readonly tf.Tensor[], { by, limit }: ClipAttributes): tf.Tensor[] {
  if (gradients.length === 0) throw rangeError(ACTION, 'there must be at least one gradient', 'gradients.length', 0);
  gradients.forEach((gradient, index) => checkFloatTensor(ACTION, `gradients[${index}]`, gradient, [gradient.rank]));
  return runKernel(ACTION, CLIP_GRADIENTS.forward, toNamed({ gradient: gradients }), { by, limit });
}
