/** Starts a worker with one engine. Long computations run there, so that the page never freezes. */
import { wrap, type Remote } from 'comlink';
import { freed } from '../shared/locks.js';
import { newId } from '../shared/new_id.js';
import { within } from '../shared/within.js';
import type { Engine, EngineName } from './engines.js';
import { WORKER_FAULTS } from './worker_faults.js';
import type { Doors } from './worker.js';

/** Longest time for a worker to load and answer, in milliseconds. */
const LONGEST_START = 60_000;

/** The worker crashed, ended or was closed before it answered. */
export class WorkerEndedError extends Error {}

export interface OpenEngine<Name extends EngineName> {
  /** The engine. Pending calls reject if the worker crashes, ends or is closed, after which no answer would ever arrive. */
  readonly engine: Remote<Engine<Name>>;
  /** Resolves with the reason if the worker crashes, ends or is closed. */
  readonly ended: Promise<Error>;
  /**
   * Terminates the worker, whatever it is doing.
   *
   * @param reason error of pending calls
   */
  close(reason?: Error): void;
}

/**
 * @param name name of the engine
 * @throws Error if the worker's script does not load, fails before it answers, or does not answer
 */
export async function openEngine<Name extends EngineName>(name: Name): Promise<OpenEngine<Name>> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const life = `tfjs-convolutions worker ${newId()}`;
  const closing = new AbortController();
  const calls = new PendingCalls();
  worker.addEventListener('error', ({ message }) => {
    calls.end(new WorkerEndedError(message || WORKER_FAULTS.notLoaded));
  });
  const close = (reason = new WorkerEndedError('the worker was closed')): void => {
    closing.abort();
    worker.terminate();
    calls.end(reason);
  };
  try {
    const opening: Promise<unknown> = wrap<Doors>(worker).open(name, life);
    const answer = await within(calls.answered(opening), LONGEST_START, WORKER_FAULTS.silent);
    const engine = answer as Methods;
    // A worker that the browser ends, for lack of memory, sends no message.
    void freed(life, closing.signal).then(() => {
      calls.end(new WorkerEndedError(WORKER_FAULTS.ended));
    });
    const answering = new Proxy(engine, {
      get:
        (methods, method) =>
        (...given: unknown[]) =>
          calls.answered(methods[method]!(...given)),
    });
    return { engine: answering as unknown as Remote<Engine<Name>>, ended: calls.ended, close };
  } catch (error) {
    close();
    throw error;
  }
}

type Methods = Readonly<Record<PropertyKey, (...given: unknown[]) => Promise<unknown>>>;

/** Calls of a worker that have no answer yet. A race with one promise for all of them would keep every answer in memory. */
class PendingCalls {
  readonly ended: Promise<Error>;
  private reason: Error | undefined;
  private resolveEnded!: (reason: Error) => void;
  private readonly rejects = new Set<(reason: Error) => void>();

  constructor() {
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
  }

  /** Passes on the answer to a call, or rejects when the worker ends. */
  async answered<T>(call: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.reason) {
        reject(this.reason);
        return;
      }
      this.rejects.add(reject);
      call.then(resolve, reject).finally(() => this.rejects.delete(reject));
    });
  }

  /** Rejects pending calls, and those to come. Only the first reason counts. */
  end(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    this.resolveEnded(reason);
    for (const reject of this.rejects) reject(reason);
    this.rejects.clear();
  }
}
