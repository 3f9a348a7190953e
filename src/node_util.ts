/**
 * tfjs-node 4.22 calls two functions of Node's `util` that Node 23 removed. It looks them up at every call, so it is enough
 * that they are back before its first operator runs.
 */

/** The parts of Node's globals that are used; none of them exists in a browser. */
interface NodeGlobals {
  readonly process?: { readonly getBuiltinModule?: (name: string) => object };
}

/** Defines `util.isArray` and `util.isNullOrUndefined` where Node no longer has them. */
export function restoreNodeUtil(): void {
  // Every Node that lacks the two has this function.
  const util = (globalThis as unknown as NodeGlobals).process?.getBuiltinModule?.('node:util');
  if (util === undefined) return;
  const removed = {
    isArray: (value: unknown): boolean => Array.isArray(value),
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
  };
  for (const [name, value] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}
