/** An asynchronous `tf.tidy`: some backends return values only asynchronously. */
import * as tf from '@tensorflow/tfjs';

/** Runs the body and disposes every tensor that it created, even across awaits. */
export async function scoped<T>(body: () => Promise<T>): Promise<T> {
  tf.engine().startScope();
  try {
    return await body();
  } finally {
    tf.engine().endScope();
  }
}
