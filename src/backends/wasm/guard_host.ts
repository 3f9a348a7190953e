/** Makes failed allocations in the kernels and uploads of TensorFlow.js throw. */
import * as tf from '@tensorflow/tfjs';
import { allocate, allocateTensor, memoryOf, type HostModule } from './allocation.js';

/**
 * Functions that restore the allocators of guarded modules. Modules are held weakly, since each owns the whole memory
 * of a backend.
 */
const restores = new WeakMap<HostModule, () => void>();

/**
 * Memory for what TensorFlow.js and XNNPACK keep per kernel; if they cannot allocate it, the module aborts for good.
 */
const SPARE_BYTES = 2 ** 20;

/** The guarded modules, for iteration. */
let guarded: readonly WeakRef<HostModule>[] = [];

/**
 * Runs TensorFlow.js kernels, and throws if there is not enough memory for them. Besides the outputs, XNNPACK allocates
 * blocks inside the module, which cannot be guarded; if that fails it continues with random values. So blocks of these
 * sizes are allocated and freed beforehand.
 *
 * @param scratch sizes in bytes of the blocks that the kernels allocate, outputs included
 * @throws RangeError if the wasm backend has not enough memory
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

/** Guards the module of a wasm backend; does nothing for other backends or on a second call. */
export function guardHost(backend: object): void {
  const host = hostModule(backend);
  const memory = host === null ? undefined : memoryOf(host);
  if (host === null || memory === undefined || restores.has(host)) return;
  // The first call of an Emscripten function replaces it, and would replace the guard too.
  host._free(allocate(host._malloc, 1, memory));
  const malloc = host._malloc;
  const guard = (bytes: number): number => allocateTensor(malloc, host._free, bytes, memory);
  host._malloc = guard;
  restores.set(host, () => {
    if (host._malloc === guard) host._malloc = malloc;
  });
  guarded = [...guarded.filter((each) => each.deref() !== undefined), new WeakRef(host)];
}

/** Restores the allocators of all guarded modules. */
export function unguardHosts(): void {
  for (const reference of guarded) {
    const host = reference.deref();
    if (host !== undefined) unguard(host);
  }
}
