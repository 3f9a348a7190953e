/** The embedded wasm module: decoded and compiled on first use, instantiated once on each memory. */
import { UnsupportedBackendError } from '../errors.js';
import type { KernelExports } from './exports.js';
import { KERNELS_BASE64 } from './generated/binary.js';

let compiled: WebAssembly.Module | undefined;

/** The kernels on a memory. The module has no data, stack or allocator of its own, so it can share any memory. */
export function instantiate(memory: WebAssembly.Memory): KernelExports {
  compiled ??= compile();
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as KernelExports;
}

function compile(): WebAssembly.Module {
  const bytes = Uint8Array.from(atob(KERNELS_BASE64), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) {
    throw new UnsupportedBackendError('load the wasm kernels', 'wasm', 'the engine must support 128-bit SIMD');
  }
  return new WebAssembly.Module(bytes);
}
