/** Choice of the memory on which the wasm kernels run. */
import * as tf from '@tensorflow/tfjs';
import '../../../src/index.js';
import { CopyingHeap } from '../../../src/backends/wasm/copying_heap.js';
import { heapOf, useHeap } from '../../../src/backends/wasm/heaps.js';

function active(): tf.KernelBackend {
  const backend: unknown = tf.backend();
  return backend as tf.KernelBackend;
}

describe('heapOf()', () => {
  it('is the memory of TensorFlow.js if that is accessible, else separate memory', async () => {
    await tf.setBackend('wasm');
    expect(heapOf(active())).not.toBeInstanceOf(CopyingHeap);
    await tf.setBackend('cpu');
    expect(heapOf(active())).toBeInstanceOf(CopyingHeap);
  });

  it('is disposed with its backend', async () => {
    await tf.setBackend('wasm');
    const heap = new CopyingHeap(active(), { threads: 2 });
    const dispose = jest.spyOn(heap, 'dispose');
    useHeap(active(), heap);
    tf.removeBackend('wasm');
    expect(dispose).toHaveBeenCalledTimes(1);
  });
});
