/** The embedded wasm modules: decoded and compiled on first use, instantiated once on each memory. */
import { UnsupportedBackendError } from '../errors.js';
import type { KernelExports } from './exports.js';
import { PLAIN_BASE64, RELAXED_BASE64 } from './generated/binary.js';

/**
 * The same kernels with 128-bit SIMD alone, and with relaxed SIMD too, where a multiplication and an addition are one
 * instruction that rounds once.
 */
export type Variant = 'plain' | 'relaxed';

/** The better one first. */
const BINARIES = { relaxed: RELAXED_BASE64, plain: PLAIN_BASE64 } as const satisfies Record<Variant, string>;

const modules = new Map<Variant, WebAssembly.Module>();
let preferred: Variant | undefined;

/** The kernels on a memory. The module has no data, stack or allocator of its own, so it can share any memory. */
export function instantiate(memory: WebAssembly.Memory, variant = preferredVariant()): KernelExports {
  let module = modules.get(variant);
  if (module === undefined) {
    module = new WebAssembly.Module(bytesOf(variant));
    modules.set(variant, module);
  }
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
}

/** The one that kernels run on; chosen once. */
export function preferredVariant(): Variant {
  preferred ??= chooseVariant(supports);
  return preferred;
}

/** The best of those that are supported. */
export function chooseVariant(supported: (variant: Variant) => boolean): Variant {
  const best = (Object.keys(BINARIES) as Variant[]).find(supported);
  if (best === undefined) {
    throw new UnsupportedBackendError('load the wasm kernels', 'wasm', 'the engine must support 128-bit SIMD');
  }
  return best;
}

/** Whether the engine has the instructions. */
export function supports(variant: Variant): boolean {
  return WebAssembly.validate(bytesOf(variant));
}

function bytesOf(variant: Variant): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(BINARIES[variant]), (character) => character.charCodeAt(0));
}
