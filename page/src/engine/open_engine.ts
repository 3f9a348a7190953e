/** Starts a worker with one engine. Long computations run there, so that the page never freezes. */
import { wrap, type Remote } from 'comlink';
import type { Engine, EngineName } from './engines.js';
import type { Doors } from './worker.js';

export interface OpenEngine<Name extends EngineName> {
  readonly engine: Remote<Engine<Name>>;
  /** Rejects if the worker crashes, after which no answer would ever arrive. */
  readonly broken: Promise<never>;
  /** Terminates the worker, whatever it is doing. */
  close(): void;
}

/**
 * @param name name of the engine
 * @throws Error if the worker's script does not load or fails before it answers
 */
export async function openEngine<Name extends EngineName>(name: Name): Promise<OpenEngine<Name>> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      reject(new Error(message || 'its script did not load'));
    });
  });
  // Pending calls report the error; if there are none, it must not become an unhandled rejection.
  broken.catch(() => undefined);
  try {
    const engine = await Promise.race([wrap<Doors>(worker).open(name), broken]);
    return {
      engine: engine as unknown as Remote<Engine<Name>>,
      broken,
      close: () => {
        worker.terminate();
      },
    };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
