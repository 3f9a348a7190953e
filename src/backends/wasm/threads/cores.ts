/** Logical cores of this machine that the process may use. */

interface NodeProcess {
  readonly getBuiltinModule?: (name: 'node:os') => { readonly availableParallelism: () => number };
}

/** Returns the number of logical cores; 1 if unknown. */
export function availableCores(): number {
  const host = (globalThis as { readonly process?: NodeProcess }).process;
  const os = host?.getBuiltinModule?.('node:os');
  if (os !== undefined) return os.availableParallelism();
  return typeof navigator === 'undefined' ? 1 : navigator.hardwareConcurrency;
}
