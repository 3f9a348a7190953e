/** Allocations of the host's own kernels and uploads, made to throw where they fail. */
import * as tf from '@tensorflow/tfjs';
import { allocate, allocateTensor, memoryOf, type HostModule } from './allocation.js';

/** What puts the allocator of a guarded module back. Modules are held weakly: each has the whole memory of a backend. */
const restores = new WeakMap<HostModule, () => void>();

/** Room for what the host and XNNPACK keep of a kernel; where they get none of it, the module aborts for good. */
const SPARE_BYTES = 2 ** 20;

/** The guarded modules, for going through them. */
let guarded: readonly WeakRef<HostModule>[] = [];

/**
 * Runs kernels of the host, and throws where memory does not suffice for them. Besides their outputs, XNNPACK takes blocks
 * inside of the module, where no guard is; it goes on with random values where it gets none. So these are taken once before.
 *
 * @param scratch bytes of the blocks that the kernels take, outputs included
 * @throws RangeError if the memory of the wasm backend does not suffice
 */
export function withCheckedMemory<T>(scratch: readonly number[], run: () => T): T {
  const host = hostModule(tf.backend());
  const memory = host === null ? undefined : memoryOf(host);
  if (host === null || memory === undefined) return run();
  const isNew = !restores.has(host);
  guardHost(tf.backend());
  const blocks: number[] = [];
  try {
    try {
      for (const bytes of [...scratch, SPARE_BYTES]) blocks.push(allocate(host._malloc, bytes, memory));
    } finally {
      for (const block of blocks) host._free(block);
    }
    return run();
  } finally {
    if (isNew) unguard(host);
  }
}

function hostModule(backend: object): HostModule | null {
  return 'wasm' in backend ? (backend.wasm as HostModule | null) : null;
}

function unguard(host: HostModule): void {
  restores.get(host)?.();
  restores.delete(host);
  guarded = guarded.filter((reference) => reference.deref() !== host);
}

/** Guards the module of a wasm backend; other backends have none. Once is enough. */
export function guardHost(backend: object): void {
  const host = hostModule(backend);
  const memory = host === null ? undefined : memoryOf(host);
  if (host === null || memory === undefined || restores.has(host)) return;
  // Emscripten's first call of a function replaces it, and would replace the guard.
  host._free(host._malloc(1));
  const malloc = host._malloc;
  const guard = (bytes: number): number => allocateTensor(malloc, host._free, bytes, memory);
  host._malloc = guard;
  restores.set(host, () => {
    if (host._malloc === guard) host._malloc = malloc;
  });
  guarded = [...guarded.filter((each) => each.deref() !== undefined), new WeakRef(host)];
}

/** Puts the allocators of all guarded modules back. */
export function unguardHosts(): void {
  for (const reference of guarded) {
    const host = reference.deref();
    if (host !== undefined) unguard(host);
  }
}
