/** The binaries of the wasm kernels in the tests, which go through both, whatever the engine prefers. */
import v8 from 'node:v8';
import { preferredVariant, supports, type Variant } from '../../src/backends/wasm/loader.js';

/** Runs `body` where both binaries compile: Node 20 has the instructions of the relaxed one behind a flag. */
export function withEveryVariant<T>(body: () => T): T {
  const behindFlag = !supports('relaxed');
  if (behindFlag) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  try {
    return body();
  } finally {
    if (behindFlag) v8.setFlagsFromString('--no-experimental-wasm-relaxed-simd');
  }
}

/** The binary that kernels do not run on by themselves here. */
export function otherVariant(): Variant {
  return preferredVariant() === 'relaxed' ? 'plain' : 'relaxed';
}
