/**
 * Makes the host library's own randomness repeatable. Its initializers and its dropout draw their seeds with
 * `Math.random()` and take no generator, so the generator stands in for it while one synchronous function runs.
 */
import { typeError } from '../errors.js';
import { Random } from './random.js';

const ACTION = 'run with a seed';

/**
 * The result of `run()`, in which every `Math.random()` comes from the given generator.
 *
 * @param random where the numbers come from
 * @param run a synchronous function, such as one that builds a model
 * @throws TypeError if `random` is no generator, or `run` is no synchronous function
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
  if (!(random instanceof Random)) throw typeError(ACTION, 'random must be a Random', 'random', random);
  if (typeof run !== 'function') throw typeError(ACTION, 'run must be a function', 'run', run);
  const original = Math.random;
  Math.random = () => random.uniform();
  try {
    const result = run();
    if (result instanceof Promise) {
      // Its error, if there is one, is not the one to report.
      result.catch(() => undefined);
      throw typeError(ACTION, 'run must be synchronous, since what comes later is not seeded', 'result', 'a Promise');
    }
    return result;
  } finally {
    Math.random = original;
  }
}
