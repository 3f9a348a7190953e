/**
 * In a cross-origin isolated page the host's wasm backend has shared memory: the kernels run on it in place, and share
 * their work among threads.
 */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '../../src/index.js';
import { heapOf, useHeap } from '../../src/backends/wasm/heaps.js';
import { hostHeap, HostHeap } from '../../src/backends/wasm/host_heap.js';
import { Threads } from '../../src/backends/wasm/threads/threads.js';
import { checkOp } from '../support/gradient_check.js';
import { conv2dInputs, deformInputs, depthwiseInputs } from '../support/inputs.js';
import { conv2dCase, deformConv2dCase, depthwiseConv2dCase } from '../support/ops.js';

function active(): tf.KernelBackend {
  const backend: unknown = tf.backend();
  return backend as tf.KernelBackend;
}

describe('wasm on shared memory', () => {
  const DEFORM = { padding: 1, offsetGroups: 2 };
  const small = {
    conv2d: () => checkOp(conv2dCase(conv2dInputs(1, [2, 5, 6, 3], [3, 2, 3, 5]), { strides: [1, 2] }), 1e-5),
    depthwiseConv2d: () =>
      checkOp(depthwiseConv2dCase(depthwiseInputs(2, [2, 5, 6, 5], [3, 2, 5, 2]), { padding: 'same' }), 1e-5),
    deformConv2d: () => checkOp(deformConv2dCase(deformInputs(3, [1, 5, 6, 4], [3, 3, 4, 5], DEFORM), DEFORM), 1e-5),
  };

  beforeAll(async () => {
    setWasmPaths('/');
    expect(await tf.setBackend('wasm')).toBe(true);
  });

  it('is what an isolated page has', () => {
    expect(globalThis.crossOriginIsolated).toBe(true);
    const heap = heapOf(active());
    expect(heap).toBeInstanceOf(HostHeap);
    expect(heap).toHaveProperty('threads', expect.any(Threads));
  });

  it.each(Object.entries(small))('runs %s in place', async (_, check) => {
    await check();
  });

  it('shares large convolutions among threads', async () => {
    const heap = hostHeap(active(), 2)!;
    useHeap(active(), heap);
    const large = conv2dCase(conv2dInputs(4, [1, 24, 23, 32], [3, 3, 32, 32], { bias: false }), { padding: 'same' });
    const pool = heap.threads.start();
    for (let attempt = 0; attempt < 200 && pool.helped === 0; attempt++) {
      // A page starts workers only between its own tasks.
      await new Promise((resolve) => setTimeout(resolve, 10));
      await checkOp(large, 1e-5);
    }
    useHeap(active(), undefined);
    expect(pool.helped).toBeGreaterThan(0);
    heap.dispose();
  });
});
