/** The embedded wasm modules: decoded and compiled on first use, instantiated once on each memory. */
import { UnsupportedBackendError } from '../errors.js';
import type { KernelExports } from './exports.js';
import { PLAIN_BASE64, RELAXED_BASE64 } from './generated/binary.js';
import { isShared } from './memory.js';

/**
 * The same kernels with 128-bit SIMD alone, and with relaxed SIMD too, where a multiplication and an addition are one
 * instruction that rounds once.
 */
export type Variant = 'plain' | 'relaxed';

/** The better one first. */
const BINARIES = { relaxed: RELAXED_BASE64, plain: PLAIN_BASE64 } as const satisfies Record<Variant, string>;

/**
 * How a module imports its memory, in the binary format: names and kind, then what the memory must be. Compiled is the
 * first: shared, of 0 to 65,536 pages; the second, in as many bytes, is not shared, of 0 pages or more.
 */
const IMPORT = '\x03env\x06memory\x02';
const SHARED_LIMITS = `${IMPORT}\x03\x00\x80\x80\x04`;
const OWN_LIMITS = `${IMPORT}\x00\x80\x80\x80\x00`;

const modules = new Map<string, WebAssembly.Module>();
let preferred: Variant | undefined;

/** The kernels on a memory. The module has no data, stack or allocator of its own, so it can share any memory. */
export function instantiate(memory: WebAssembly.Memory, variant?: Variant): KernelExports {
  const module = moduleFor(memory, variant);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
}

/** The module whose import fits the memory. */
export function moduleFor(memory: WebAssembly.Memory, variant = preferredVariant()): WebAssembly.Module {
  const shared = isShared(memory);
  const key = `${variant} ${shared}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(bytesOf(variant, shared));
    modules.set(key, module);
  }
  return module;
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
  return WebAssembly.validate(bytesOf(variant, false));
}

function bytesOf(variant: Variant, shared: boolean): Uint8Array<ArrayBuffer> {
  const compiled = atob(BINARIES[variant]);
  const binary = shared ? compiled : compiled.replace(SHARED_LIMITS, OWN_LIMITS);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
