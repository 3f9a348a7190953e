/**
 * Makes the host library's own randomness repeatable. Its initializers and dropout draw their seeds from `Math.random()`
 * and do not accept a generator, so `Math.random` is replaced while one synchronous function runs.
 */
import { typeError } from '../errors.js';
import { Random } from './random.js';

const ACTION = 'run with a seed';

/**
 * Runs a function in which every `Math.random()` is drawn from the given generator, and returns its result.
 *
 * @param random source of random numbers
 * @param run synchronous function, such as one that builds a model
 * @throws TypeError if `random` is not a generator, or `run` is not a synchronous function
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
      // If it fails as well, that is not the error to report.
      result.catch(() => undefined);
      throw typeError(
        ACTION,
        'run must be synchronous, since anything that happens later is not seeded',
        'result',
        'a Promise',
      );
    }
    return result;
  } finally {
    Math.random = original;
  }
}
