/** Starts a worker with one engine. Everything that takes long runs there, so that the page never freezes. */
import { wrap, type Remote } from 'comlink';
import type { Engine, EngineName } from './engines.js';
import type { Doors } from './worker.js';

export interface OpenEngine<Name extends EngineName> {
  readonly engine: Remote<Engine<Name>>;
  /** Fails when the worker breaks down, whose answers would be waited for in vain. */
  readonly broken: Promise<never>;
  /** Ends the worker, whatever it is doing. */
  close(): void;
}

/**
 * @param name which engine
 * @throws Error if the worker's script does not load or fails before it answers
 */
export async function openEngine<Name extends EngineName>(name: Name): Promise<OpenEngine<Name>> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      reject(new Error(message || 'its script did not load'));
    });
  });
  // Whoever waits for an answer hears of it; without that it is no error of its own.
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
