/** Channel shuffle: distributes the channels of every group over all groups. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../../errors.js';
import { checkNoMore, imageRank } from '../checks.js';
import { runKernelSingle } from '../run_kernel.js';
import { CHANNEL_SHUFFLE, type ShuffleAttributes } from './kernels.js';

const ACTION = 'run channelShuffle';

/**
 * Reorders the channels so that the next grouped convolution sees channels of every group: output channel c·groups + g
 * is input channel g·(channels / groups) + c.
 *
 * Differentiable in `x`.
 *
 * @param x [n, h, w, channels] or [h, w, channels], float32
 * @param groups number of groups; must divide the number of channels
 * @returns a tensor of the shape of x
 * @throws TypeError for a wrong kind or dtype; RangeError if groups do not divide the channels
 * @see Zhang et al., "ShuffleNet" (2017), section 3.1
 * @example
 * ```ts
 * const x = tf.tensor3d([[[1, 2, 3, 4]]]);
 * console.log(conv.channelShuffle(x, 2).arraySync()); // [[[1, 3, 2, 4]]]
 * ```
 */
export function channelShuffle<T extends tf.Tensor3D | tf.Tensor4D>(x: T, groups: number, ...more: never[]): T {
  checkNoMore(ACTION, 'channelShuffle(x, groups)', more);
  const rank = imageRank(ACTION, 'x', x);
  const channels = x.shape[rank - 1]!;
  checkInteger(ACTION, 'groups', groups, 1);
  if (channels % groups !== 0) {
    throw rangeError(ACTION, `groups must divide the channels ${channels}`, 'groups', groups);
  }
  const attributes: ShuffleAttributes = { shape: x.shape, groups };
  return runKernelSingle(ACTION, CHANNEL_SHUFFLE.forward, { x }, attributes) as T;
}
