/** Tests that every optimizer must pass, whatever its update rule. */
import * as tf from '@tensorflow/tfjs';

/** Minimises Σ (x − 3)² for some steps; the gradient is 2·(x − 3). */
export function descend(optimizer: tf.Optimizer, x: tf.Variable, steps: number): void {
  for (let step = 0; step < steps; step++) {
    optimizer.minimize(() => tf.sum(tf.square(tf.sub(x, 3))).asScalar(), false, [x]);
  }
}

/** Fails unless a variable that the loss does not depend on stays unchanged, and its state precedes that of the other. */
export async function expectUnreachedStays(optimizer: tf.Optimizer, state: readonly string[]): Promise<void> {
  const [unused, used] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
  optimizer.minimize(() => tf.square(used).asScalar(), false, [unused, used]);
  expect((await unused.data())[0]).toBe(1);
  expect((await used.data())[0]).toBeLessThan(1);
  const names = (await optimizer.getWeights()).map(({ name }) => name);
  expect(names).toEqual(['iter', ...state.flatMap((part) => [unused, used].map(({ name }) => `${name}/${part}`))]);
}

/** Fails unless a gradient that belongs to no variable is refused by name. */
export function expectUnknownRefused(optimizer: tf.Optimizer): void {
  expect(() => {
    optimizer.applyGradients([{ name: 'nobody', tensor: tf.scalar(1) }]);
  }).toThrow("every gradient must belong to a variable, received name = 'nobody'");
}
