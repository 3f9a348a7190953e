/** Measures the peak usage of the wasm heap by watching the allocator of the host's module. */
import * as tf from '@tensorflow/tfjs';

interface Allocator {
  _malloc: (bytes: number) => number;
  _free: (address: number) => void;
}

/** Runs a function and returns its peak of allocated bytes, beyond those allocated before. */
export function heapPeak(body: () => void): number {
  const host = (tf.backend() as unknown as { wasm: Allocator }).wasm;
  const { _malloc: malloc, _free: free } = host;
  const sizes = new Map<number, number>();
  let [live, peak] = [0, 0];
  host._malloc = (bytes) => {
    const address = malloc(bytes);
    sizes.set(address, bytes);
    live += bytes;
    peak = Math.max(peak, live);
    return address;
  };
  host._free = (address) => {
    live -= sizes.get(address) ?? 0;
    sizes.delete(address);
    free(address);
  };
  try {
    body();
  } finally {
    host._malloc = malloc;
    host._free = free;
  }
  return peak;
}
