/** Calls that an operator must refuse, with the kind of error and its exact words. */
import * as tf from '@tensorflow/tfjs';

export interface Refusal {
  readonly title: string;
  readonly call: () => unknown;
  readonly type: typeof TypeError | typeof RangeError;
  readonly message: string;
}

/** A tensor of ones; values play no part in a refusal. */
export const image = (...shape: [number, number, number, number]): tf.Tensor4D => tf.ones(shape);

/** A value of a kind that the type of the argument rules out, as plain JavaScript may pass it. */
export const anything = (value: unknown): never => value as never;

/** An image of 6 channels: under a 3×2 kernel it gives 3×3 positions. */
export const x = (): tf.Tensor4D => image(2, 5, 4, 6);

/** A filter that fits {@link x}. */
export const filter = (): tf.Tensor4D => image(3, 2, 6, 8);

/** One test for each call, which must leave nothing behind. The arguments are checked before a backend is asked, so cpu stands for all. */
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
