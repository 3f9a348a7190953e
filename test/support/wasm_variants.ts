/** The wasm binaries in tests, which run both, whichever the engine prefers. */
import v8 from 'node:v8';
import { preferredVariant, supports, type Variant } from '../../src/backends/wasm/loader.js';

/** Runs `body` with both binaries enabled: Node 20 supports relaxed SIMD behind a flag. */
export function withEveryVariant<T>(body: () => T): T {
  const behindFlag = !supports('relaxed');
  if (behindFlag) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  try {
    return body();
  } finally {
    if (behindFlag) v8.setFlagsFromString('--no-experimental-wasm-relaxed-simd');
  }
}

/** Returns the binary that kernels do not use by default here. */
export function otherVariant(): Variant {
  return preferredVariant() === 'relaxed' ? 'plain' : 'relaxed';
}
