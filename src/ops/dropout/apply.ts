/** Dropout with keys from a function, for the operator and the layer. */
import type * as tf from '@tensorflow/tfjs';
import type { Action } from '../../errors.js';
import { draw } from '../../kernel/draws.js';
import { liveAttributes } from '../../kernel/live_attributes.js';
import type { PhiloxKey } from '../../kernel/philox.js';
import { identity } from '../identity/op.js';
import { runKernelSingle } from '../run_kernel.js';
import { DROPOUT, type DropoutAttributes } from './kernels.js';
import { resolveNoiseShape, type NoiseShape } from './noise_shape.js';

/** Rate and shape of the mask. */
export interface DropoutPlan {
  /** Fraction of the elements to drop, in [0, 1). */
  readonly rate: number;
  readonly noiseShape: NoiseShape | undefined;
}

/**
 * Drops elements of x and scales the others.
 *
 * @param nextKey called for each call of the kernel, also when a captured function is replayed
 */
export function applyDropout<T extends tf.Tensor>(
  action: Action,
  x: T,
  { rate, noiseShape }: DropoutPlan,
  nextKey: () => PhiloxKey,
): T {
  const resolved = resolveNoiseShape(action, noiseShape, x.shape) as number[];
  if (rate === 0) return identity(x);
  // A recomputation has the object itself again, so that replays of both kernels share their keys.
  const attributes = draw(() =>
    liveAttributes((): DropoutAttributes => ({ rate, key: nextKey(), noiseShape: resolved })),
  );
  return runKernelSingle(action, DROPOUT.forward, { x }, attributes) as T;
}

/** Draws a key from `Math.random()`, which a training run replaces by its own generator. */
export function randomKey(): PhiloxKey {
  const word = (): number => Math.floor(Math.random() * 2 ** 32);
  return [word(), word()];
}
