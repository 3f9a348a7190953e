/** Small helpers of the tests of captured functions. */
import * as tf from '@tensorflow/tfjs';
import type { TestBackend } from '../../support/backends.js';

/** Backends whose values can be read synchronously, and whose results repeat. */
export const PLAIN = {
  where: ({ name, variant }: TestBackend): boolean => variant === undefined && ['cpu', 'wasm'].includes(name),
};

/** Calls a captured function and returns its numbers. */
export function numbers(call: () => tf.Tensor): number[] {
  return tf.tidy(() => [...call().dataSync()]);
}
