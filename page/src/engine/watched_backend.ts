/** The active backend of this worker under watch: whoever waits for a result is told when its graphics device is lost. */
import * as tf from '@tensorflow/tfjs';
import {
  backendLost,
  BackendLostError,
  CONTEXT_LOST,
  isContextLost,
  startBackend,
  type BackendName,
} from './backends.js';

let lost: Promise<never> = new Promise(() => undefined);

/** Watches the active backend in place of the one before. */
export function watchBackend(): void {
  const name = tf.getBackend();
  lost = backendLost().then((reason) => {
    throw new BackendLostError(name, reason);
  });
  // If nothing is pending at that moment, the loss need not be reported.
  lost.catch(() => undefined);
}

/**
 * Activates a backend and watches it.
 *
 * @throws Error with the reason if it does not start; the previous backend is then active again
 */
export async function startWatched(name: BackendName): Promise<void> {
  await startBackend(name);
  watchBackend();
}

/** Resolves with the result, or rejects as soon as the backend is lost: the host may then wait forever. */
export async function unlessLost<T>(work: Promise<T>): Promise<T> {
  const result = await Promise.race([work, lost]);
  // A lost context gives zeros until its loss is reported.
  if (isContextLost()) throw new BackendLostError(tf.getBackend(), CONTEXT_LOST);
  return result;
}
