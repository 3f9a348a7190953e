/**
 * Makes the host library's own randomness repeatable. Its initializers and its dropout draw their seeds with
 * `Math.random()` and take no generator, so the generator stands in for it while one synchronous function runs.
 */
import type { Random } from './random.js';

/** The result of `run()`, in which every `Math.random()` comes from the given generator. */
export function withSeed<T>(random: Random, run: () => T): T {
  const original = Math.random;
  Math.random = () => random.uniform();
  try {
    return run();
  } finally {
    Math.random = original;
  }
}
