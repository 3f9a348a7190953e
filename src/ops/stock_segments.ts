/**
 * `UnsortedSegmentSum` on wasm, which TensorFlow.js lacks there: the gradient of `tf.gather`, without which no
 * embedding trains. Registered under the TensorFlow.js name if there is no such kernel.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelArguments } from '../kernel/kernel_arguments.js';

export const SEGMENT_SUM: tf.KernelConfig = {
  kernelName: tf.UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc: ({ inputs, backend, attrs }: KernelArguments) => {
    const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
    const { numSegments } = attrs as { readonly numSegments: number };
    const wasm = backend as BackendWasm;
    const inner = x.shape.slice(segmentIds.shape.length);
    const sums = wasm.makeOutput([numSegments, ...inner], x.dtype);
    // Views are created after the last allocation: growing the memory detaches them.
    const to = wasm.typedArrayFromHeap(sums);
    const from = wasm.typedArrayFromHeap(x);
    const size = tf.util.sizeFromShape(inner);
    to.fill(0);
    wasm.typedArrayFromHeap(segmentIds).forEach((segment, row) => {
      // IDs out of range are ignored, as on every other backend.
      if (segment < 0 || segment >= numSegments) return;
      const [start, end] = [row * size, segment * size];
      for (let index = 0; index < size; index++) to[end + index]! += from[start + index]!;
    });
    return sums;
  },
};
