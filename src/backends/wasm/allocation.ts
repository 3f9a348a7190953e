/**
 * Checked allocation in the wasm module of TensorFlow.js. Its allocator counts in 32 bits and returns address 0 when
 * memory is exhausted, and TensorFlow.js writes there.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';

/** Bytes addressable with 32 bits. */
export const ADDRESSABLE = 2 ** 32;

/** Memory that the module's list of tensors needs to grow, for about ten thousand of them. */
const LIST_BYTES = 65536;

type Malloc = (bytes: number) => number;

/** Internals of the Emscripten module of TensorFlow.js that its types omit. */
export interface HostModule {
  _malloc: Malloc;
  readonly _free: (address: number) => void;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: { readonly memory?: WebAssembly.Memory };
  readonly tfjs?: { readonly getThreadsCount?: () => number };
}

/** Returns the module's memory, if it is accessible. */
export function memoryOf(host: HostModule): WebAssembly.Memory | undefined {
  return host.wasmMemory ?? host.asm?.memory;
}

/** Creates the error for a failed allocation. */
export function outOfMemory(bytes: number, reserved: number): RangeError {
  const held = `${reserved} reserved by now, ${tf.memory().numBytes} in tensors`;
  const rule = `WebAssembly has ${ADDRESSABLE} bytes at most (${held})`;
  return rangeError('allocate memory on wasm', rule, 'bytes', bytes);
}

/** Allocates a block and returns its address. Sizes are float64 numbers, which do not wrap. */
export function allocate(malloc: Malloc, bytes: number, memory: WebAssembly.Memory): number {
  // Above 2 GiB the address is negative.
  const address = bytes < ADDRESSABLE ? malloc(bytes) >>> 0 : 0;
  if (address === 0) throw outOfMemory(bytes, memory.buffer.byteLength);
  return address;
}

/**
 * Allocates a block for a tensor and returns its address. TensorFlow.js keeps a list of tensors and aborts if that
 * cannot grow.
 */
export function allocateTensor(
  malloc: Malloc,
  free: HostModule['_free'],
  bytes: number,
  memory: WebAssembly.Memory,
): number {
  const address = allocate(malloc, bytes, memory);
  const spare = malloc(LIST_BYTES) >>> 0;
  if (spare === 0) {
    free(address);
    throw outOfMemory(bytes, memory.buffer.byteLength);
  }
  free(spare);
  return address;
}

/** Size of a float32 tensor in bytes. */
export function floatBytes(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 4);
}
