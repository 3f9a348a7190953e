/** Locks that all tabs and workers of this page share, and that end with whoever holds them. */

import { messageOf } from './message_of.js';

/** Missing where a page comes over plain http; nothing can be locked there. */
const locks = (navigator as { readonly locks?: LockManager }).locks;

/**
 * Takes a lock.
 *
 * @param milliseconds time to wait for another holder, who may be ending just now
 * @returns a function that gives the lock back; undefined if another tab or worker keeps it
 */
export async function takeLock(name: string, milliseconds = 0): Promise<(() => void) | undefined> {
  if (!locks) return () => undefined;
  const options: LockOptions =
    milliseconds === 0 ? { ifAvailable: true } : { signal: AbortSignal.timeout(milliseconds) };
  return new Promise((resolve, reject) => {
    const hold = async (lock: Lock | null): Promise<void> => {
      if (!lock) {
        resolve(undefined);
        return;
      }
      await new Promise<void>((release) => {
        resolve(release);
      });
    };
    const fail = (error: unknown): void => {
      const isLate = error instanceof DOMException && ['AbortError', 'TimeoutError'].includes(error.name);
      if (isLate) resolve(undefined);
      else reject(new Error(messageOf(error), { cause: error }));
    };
    locks.request(name, options, hold).catch(fail);
  });
}

/**
 * Waits until nobody holds a lock; for ever where nothing can be locked.
 *
 * @param signal ends the wait
 */
export async function freed(name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // An aborted wait never resolves.
    locks
      ?.request(name, { signal }, () => {
        resolve();
      })
      .catch(() => undefined);
  });
}

/** Names of the locks that are held now. */
export async function heldLocks(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await locks?.query()) ?? {};
  return new Set(held.flatMap(({ name }) => (name === undefined ? [] : [name])));
}
