/** Starts a thread that runs a program given as text: a worker thread in Node, a Web Worker elsewhere. */

/** Common interface of both kinds of worker. */
export interface Worker {
  readonly postMessage: (message: unknown) => void;
  readonly terminate: () => unknown;
}

/** The part of node:worker_threads that is used here. */
interface NodeWorkers {
  readonly Worker: new (
    source: string,
    options: { readonly eval: true },
  ) => Worker & { readonly unref: () => void; readonly on: (event: 'error', listener: () => void) => void };
}

/** Node 20.16 and newer provide modules without an import, which bundlers for browsers would try to resolve. */
interface NodeProcess {
  readonly getBuiltinModule?: (name: string) => NodeWorkers | undefined;
}

/** Tests whether this environment has workers; a page's security policy may still forbid them. */
export function canStartWorkers(): boolean {
  return nodeWorkers() !== undefined || typeof globalThis.Worker === 'function';
}

/**
 * Starts a worker that runs the program; undefined if none can be started. A worker that fails later calls `onFailure`.
 */
export function startWorker(source: string, onFailure: () => void): Worker | undefined {
  try {
    return nodeWorker(source, onFailure) ?? webWorker(source, onFailure);
  } catch {
    // The page's security policy forbids workers, or workers from a Blob.
    return undefined;
  }
}

function nodeWorker(source: string, onFailure: () => void): Worker | undefined {
  const workers = nodeWorkers();
  if (workers === undefined) return undefined;
  const worker = new workers.Worker(source, { eval: true });
  worker.unref();
  worker.on('error', onFailure);
  return worker;
}

function nodeWorkers(): NodeWorkers | undefined {
  const host = (globalThis as { readonly process?: NodeProcess }).process;
  return host?.getBuiltinModule?.('node:worker_threads');
}

function webWorker(source: string, onFailure: () => void): Worker | undefined {
  if (typeof globalThis.Worker !== 'function') return undefined;
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new globalThis.Worker(address);
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure();
  };
  return {
    postMessage: (message) => {
      worker.postMessage(message);
    },
    terminate: () => {
      worker.terminate();
      URL.revokeObjectURL(address);
    },
  };
}
