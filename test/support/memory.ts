/** Leaks: an operator may create no tensor other than its results. */
import * as tf from '@tensorflow/tfjs';

/** Fails unless `call` creates exactly the tensors that it returns, on the first call and later. */
export function expectNoLeak(call: () => tf.Tensor | tf.Tensor[]): void {
  for (let run = 0; run < 3; run++) {
    const before = tf.memory();
    const results = [call()].flat();
    expect(tf.memory().numTensors - before.numTensors).toBe(results.length);
    tf.dispose(results);
    expect({ tensors: tf.memory().numTensors, buffers: tf.memory().numDataBuffers }).toEqual({
      tensors: before.numTensors,
      buffers: before.numDataBuffers,
    });
  }
}
