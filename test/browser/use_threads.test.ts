/**
 * useThreads() in a cross-origin isolated page, with the single-threaded binary of the host, which minified pages must
 * use: its memory becomes shared, and the kernels run on it in place.
 */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as conv from '../../src/index.js';
import { memoryOf, type HostModule } from '../../src/backends/wasm/allocation.js';
import { heapOf } from '../../src/backends/wasm/heaps.js';
import { HostHeap } from '../../src/backends/wasm/host_heap.js';
import { isShared } from '../../src/backends/wasm/memory.js';
import { checkOp } from '../support/gradient_check.js';
import { conv2dInputs } from '../support/inputs.js';
import { conv2dCase } from '../support/ops.js';

test('useThreads() shares the memory of the single-threaded binary', async () => {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths('/');
  expect(conv.useThreads(2)).toBe(2);
  expect(await tf.setBackend('wasm')).toBe(true);
  const active: unknown = tf.backend();
  const backend = active as tf.KernelBackend & { readonly wasm: HostModule };
  expect(isShared(memoryOf(backend.wasm)!)).toBe(true);
  const heap = heapOf(backend);
  if (!(heap instanceof HostHeap)) throw new Error('The kernels run on separate memory');
  const pool = heap.threads.start();
  expect(pool.size).toBe(2);
  const large = conv2dCase(conv2dInputs(4, [1, 24, 23, 32], [3, 3, 32, 32], { bias: false }), { padding: 'same' });
  for (let attempt = 0; attempt < 200 && pool.helped === 0; attempt++) {
    // A page starts workers only between its own tasks.
    await new Promise((resolve) => setTimeout(resolve, 10));
    await checkOp(large, 1e-5);
  }
  expect(pool.helped).toBeGreaterThan(0);
});
