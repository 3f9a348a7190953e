/** Tests which objects the garbage collector reclaims. */
import v8 from 'node:v8';
import vm from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Objects by names for messages. */
export type Held = readonly (readonly [name: string, object: object])[];

/** The same, as weak references. */
export type References = readonly (readonly [name: string, reference: WeakRef<object>])[];

export function referencesTo(held: Held): References {
  return held.map(([name, object]) => [name, new WeakRef(object)] as const);
}

/** Returns the names of the objects that are still referenced after garbage collection. */
export async function leftOf(references: References): Promise<string[]> {
  let left: string[] = [];
  for (let round = 0; round < 3; round++) {
    // A WeakRef holds its object until the turn of the event loop ends.
    await turn();
    collect();
    left = references.flatMap(([name, reference]) => (reference.deref() ? [name] : []));
    if (left.length === 0) break;
  }
  return left;
}
