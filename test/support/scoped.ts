/** A scope that awaits, which `tf.tidy` does not: some backends hand out values only asynchronously. */
import * as tf from '@tensorflow/tfjs';

/** Runs the body and disposes every tensor that it made, whatever it awaited in between. */
export async function scoped<T>(body: () => Promise<T>): Promise<T> {
  tf.engine().startScope();
  try {
    return await body();
  } finally {
    tf.engine().endScope();
  }
}
