/** Allocations of the host's own kernels and uploads, made to throw where they fail. */
import { allocateTensor, memoryOf, type HostModule } from './allocation.js';

/** What puts the allocator of a guarded module back. Modules are held weakly: each has the whole memory of a backend. */
const restores = new WeakMap<HostModule, () => void>();

/** The guarded modules, for going through them. */
let guarded: readonly WeakRef<HostModule>[] = [];

/** Guards the module of a wasm backend; other backends have none. Once is enough. */
export function guardHost(backend: object): void {
  const host = 'wasm' in backend ? (backend.wasm as HostModule | null) : null;
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
    if (host === undefined) continue;
    restores.get(host)?.();
    restores.delete(host);
  }
  guarded = [];
}
