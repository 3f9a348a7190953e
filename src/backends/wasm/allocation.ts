/**
 * Memory of the host's wasm module, taken with a check. Its allocator counts in 32 bits and returns address 0 where
 * nothing is left, and the host writes there.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';

/** Bytes that a 32-bit address reaches. */
export const ADDRESSABLE = 2 ** 32;

/** Room that the host's list of tensors needs to grow: for some ten thousand of them. */
const LIST_BYTES = 65536;

type Malloc = (bytes: number) => number;

/** Internals of the host's Emscripten module that its types leave out. */
export interface HostModule {
  _malloc: Malloc;
  readonly _free: (address: number) => void;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: { readonly memory?: WebAssembly.Memory };
  readonly tfjs?: { readonly getThreadsCount?: () => number };
}

/** The host's memory, where it can be reached. */
export function memoryOf(host: HostModule): WebAssembly.Memory | undefined {
  return host.wasmMemory ?? host.asm?.memory;
}

/** The error of an allocation that fails. */
export function outOfMemory(bytes: number, reserved: number): RangeError {
  const held = `${reserved} reserved by now, ${tf.memory().numBytes} in tensors`;
  const rule = `WebAssembly has ${ADDRESSABLE} bytes at most (${held})`;
  return rangeError('allocate memory on wasm', rule, 'bytes', bytes);
}

/** Address of a new block. The sizes of callers are float64 numbers, which do not wrap. */
export function allocate(malloc: Malloc, bytes: number, memory: WebAssembly.Memory): number {
  // Above 2 GiB the address is negative.
  const address = bytes < ADDRESSABLE ? malloc(bytes) >>> 0 : 0;
  if (address === 0) throw outOfMemory(bytes, memory.buffer.byteLength);
  return address;
}

/** Address of a block that becomes a tensor. The host lists its tensors, and aborts where its list cannot grow. */
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

/** Bytes of a float32 tensor. */
export function floatBytes(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 4);
}
