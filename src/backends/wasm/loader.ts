/** The embedded wasm modules: decoded and compiled on first use, instantiated once per memory. */
import { UnsupportedBackendError } from '../../errors.js';
import type { KernelExports } from './exports.js';
import { PLAIN_BASE64, RELAXED_BASE64 } from './generated/binary.js';
import { isShared } from './memory.js';

/**
 * Builds of the same kernels: with 128-bit SIMD only, or also with relaxed SIMD, which fuses multiplication and
 * addition into one instruction that rounds once.
 */
export type Variant = 'plain' | 'relaxed';

/** Binaries, the better one first. */
const BINARIES = { relaxed: RELAXED_BASE64, plain: PLAIN_BASE64 } as const satisfies Record<Variant, string>;

/**
 * Memory import in the wasm binary format: the names env and memory, each preceded by its length, and the kind. Written
 * as numbers, not text: a page that declares no charset would decode a minifier's raw characters to other bytes.
 */
const IMPORT = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2] as const;
/** Limits that follow the import, as compiled: shared, 0 to 65,536 pages. */
const SHARED_LIMITS = [3, 0, 0x80, 0x80, 4] as const;
/** Limits of the same length for memory that is not shared, 0 pages or more. */
const OWN_LIMITS = [0, 0x80, 0x80, 0x80, 0] as const;

const modules = new Map<string, WebAssembly.Module>();
let preferred: Variant | undefined;

/** Instantiates the kernels on a memory. The module has no data, stack or allocator, so it can share any memory. */
export function instantiate(memory: WebAssembly.Memory, variant?: Variant): KernelExports {
  const module = moduleFor(memory, variant);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
}

/** Compiles the module whose import matches the memory. */
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

/** The variant that kernels run on, chosen once. */
export function preferredVariant(): Variant {
  preferred ??= chooseVariant(supports);
  return preferred;
}

/** Returns the best supported variant. */
export function chooseVariant(supported: (variant: Variant) => boolean): Variant {
  const best = (Object.keys(BINARIES) as Variant[]).find(supported);
  if (best === undefined) {
    throw new UnsupportedBackendError('load the wasm kernels', 'wasm', 'the engine must support 128-bit SIMD');
  }
  return best;
}

/** Tests whether the JavaScript engine supports the instructions. */
export function supports(variant: Variant): boolean {
  return WebAssembly.validate(bytesOf(variant, false));
}

function bytesOf(variant: Variant, shared: boolean): Uint8Array<ArrayBuffer> {
  const binary = Uint8Array.from(atob(BINARIES[variant]), (character) => character.charCodeAt(0));
  if (!shared) binary.set(OWN_LIMITS, limitsOf(binary));
  return binary;
}

/** Byte offset of the limits of the imported memory. */
function limitsOf(binary: Uint8Array): number {
  const known = [...IMPORT, ...SHARED_LIMITS];
  const position = binary.findIndex((_, start) => known.every((byte, offset) => binary[start + offset] === byte));
  return position + IMPORT.length;
}
