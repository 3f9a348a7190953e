/** Calls that an operator must reject, with the class of the error and its exact message. */
import * as tf from '@tensorflow/tfjs';

export interface Refusal {
  readonly title: string;
  readonly call: () => unknown;
  readonly type: typeof TypeError | typeof RangeError;
  readonly message: string;
}

/** A tensor of ones; values play no part in a refusal. */
export const image = (...shape: [number, number, number, number]): tf.Tensor4D => tf.ones(shape);

/** A value that the argument's type excludes, as plain JavaScript may pass it. */
export const anything = (value: unknown): never => value as never;

/** An image with 6 channels, for which a 3×2 kernel has 3×3 positions. */
export const x = (): tf.Tensor4D => image(2, 5, 4, 6);

/** A filter that fits {@link x}. */
export const filter = (): tf.Tensor4D => image(3, 2, 6, 8);

/**
 * Declares one test per call, which must leave no tensor behind. Arguments are checked before any kernel runs, so cpu
 * suffices.
 */
export function testRefusals(refusals: readonly Refusal[]): void {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test.each(refusals)('$title is refused with a clear message', ({ call, type, message }) => {
    const before = tf.memory().numTensors;
    let thrown: unknown;
    tf.tidy(() => {
      try {
        call();
      } catch (error) {
        thrown = error;
      }
    });
    expect(thrown).toBeInstanceOf(type);
    expect((thrown as Error).message).toBe(message);
    expect(tf.memory().numTensors).toBe(before);
  });
}
