/** Leaks: an operator may leave behind its result and nothing else. */
import * as tf from '@tensorflow/tfjs';

/** Fails unless `call` creates exactly the tensors that it returns, whichever time it runs. */
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
