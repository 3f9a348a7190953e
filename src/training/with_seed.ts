/**
 * Makes the host library's own randomness repeatable. Its initializers and its dropout draw their seeds with
 * `Math.random()` and take no generator, so the generator stands in for it while one synchronous function runs.
 */
import type { Random } from './random.js';

/**
 * The result of `run()`, in which every `Math.random()` comes from the given generator.
 *
 * @param random where the numbers come from
 * @param run a synchronous function, such as one that builds a model
 * @example
 * ```ts
 * import { Random, withSeed } from 'tfjs-convolutions/training';
 *
 * const build = () => tf.layers.dense({ units: 1, inputShape: [1] });
 * const model = withSeed(new Random(1, 'initialization'), () => tf.sequential({ layers: [build()] }));
 * console.log(model.countParams()); // 2
 * ```
 */
export function withSeed<T>(random: Random, run: () => T): T {
  const original = Math.random;
  Math.random = () => random.uniform();
  try {
    return run();
  } finally {
    Math.random = original;
  }
}
