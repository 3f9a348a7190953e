/** Tests which objects the garbage collector reclaims. */
import v8 from 'node:v8';
import vm from 'node:vm';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Objects by names for messages. */
export type Held = readonly (readonly [name: string, object: object])[];

/** The same, as weak references. */
export type References = readonly (readonly [name: string, reference: WeakRef<object>])[];

export function referencesTo(held: Held): References {
  return held.map(([name, object]) => [name, new WeakRef(object)] as const);
}

/** Collections without a wait before each, and all of them: a timer or a message under way may hold an object for a while. */
const ROUNDS = { quick: 3, all: 10 };

/** Returns the names of the objects that are still referenced after garbage collection. */
export async function leftOf(references: References): Promise<string[]> {
  let left: string[] = [];
  for (let round = 0; round < ROUNDS.all; round++) {
    if (round >= ROUNDS.quick) await wait(100);
    // A WeakRef holds its object until the turn of the event loop ends.
    await turn();
    collect();
    left = references.flatMap(([name, reference]) => (reference.deref() ? [name] : []));
    if (left.length === 0) break;
  }
  return left;
}
