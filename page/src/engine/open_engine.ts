/** Starts a worker with one engine. Long computations run there, so that the page never freezes. */
import { wrap, type Remote } from 'comlink';
import { freed } from '../shared/locks.js';
import { newId } from '../shared/new_id.js';
import { within } from '../shared/within.js';
import type { Engine, EngineName } from './engines.js';
import type { Doors } from './worker.js';

/** Longest time for a worker to load and answer, in milliseconds. */
const LONGEST_START = 60_000;

export interface OpenEngine<Name extends EngineName> {
  readonly engine: Remote<Engine<Name>>;
  /** Rejects if the worker crashes or ends, after which no answer would ever arrive. */
  readonly broken: Promise<never>;
  /** Terminates the worker, whatever it is doing. */
  close(): void;
}

/**
 * @param name name of the engine
 * @throws Error if the worker's script does not load, fails before it answers, or does not answer
 */
export async function openEngine<Name extends EngineName>(name: Name): Promise<OpenEngine<Name>> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const life = `tfjs-convolutions worker ${newId()}`;
  const closing = new AbortController();
  let breakDown: (error: Error) => void;
  const broken = new Promise<never>((_, reject) => (breakDown = reject));
  worker.addEventListener('error', ({ message }) => {
    breakDown(new Error(message || 'its script did not load'));
  });
  // Pending calls report the error; if there are none, it must not become an unhandled rejection.
  broken.catch(() => undefined);
  const close = (): void => {
    closing.abort();
    worker.terminate();
  };
  try {
    const opening = wrap<Doors>(worker).open(name, life);
    const engine = await within(Promise.race([opening, broken]), LONGEST_START, 'its script did not answer');
    // A worker that the browser ends, for lack of memory, sends no message.
    void freed(life, closing.signal).then(() => {
      breakDown(new Error('the browser ended it, perhaps for lack of memory'));
    });
    return { engine: engine as unknown as Remote<Engine<Name>>, broken, close };
  } catch (error) {
    close();
    throw error;
  }
}
