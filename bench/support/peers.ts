/** Processes that run workloads: one for each program and number of threads, started when first needed. */
import path from 'node:path';
import type { PeerName } from './question.js';
import { Worker, type Command } from './worker.js';

export const BENCH = path.resolve(__dirname, '..');
const ROOT = path.dirname(BENCH);

/** Folders of the npm packages that `npm run setup -- bench` installs. */
export const NODE_PEERS = {
  onnxruntime: path.join(ROOT, '.bench/onnxruntime/node_modules'),
  jax: path.join(ROOT, '.bench/jax-js/node_modules/@jax-js/jax'),
  litert: path.join(ROOT, '.bench/litert/node_modules/@litertjs/core'),
} as const;
/** Folder of the Python packages that it installs. */
export const PYTHON_PEERS = path.join(ROOT, '.python/bench');

/** A worker, or the reason why there is none. */
export type Peer =
  { readonly worker: Worker; readonly versions: Readonly<Record<string, string>> } | { readonly missing: string };

/** Wall-clock time, or CPU time of a process (all of its threads together). */
export type Clock = 'wall' | 'cpu';

export class Peers {
  constructor(private readonly clock: Clock) {}

  private readonly started = new Map<string, Promise<Peer>>();

  /** Returns the worker of a peer. */
  get(name: PeerName, threads: number): Promise<Peer> {
    const key = `${name} t${threads}`;
    let peer = this.started.get(key);
    if (peer === undefined) {
      peer = start(key, commandOf(name, threads, this.clock));
      this.started.set(key, peer);
    }
    return peer;
  }

  /** Versions of all peers that ran. */
  async versions(): Promise<Record<string, string>> {
    const peers = await Promise.all(this.started.values());
    return Object.assign({}, ...peers.map((peer) => ('versions' in peer ? peer.versions : {}))) as Record<
      string,
      string
    >;
  }

  async stop(): Promise<void> {
    for (const peer of await Promise.all(this.started.values())) if ('worker' in peer) peer.worker.stop();
  }
}

async function start(key: string, command: Command): Promise<Peer> {
  try {
    const { worker, ready } = await Worker.start(key, command);
    return { worker, versions: ready.versions ?? {} };
  } catch (error) {
    console.error(`Left out: ${error instanceof Error ? error.message : String(error)}`);
    return { missing: `${key} does not start (npm run setup -- bench)` };
  }
}

/** Command that starts the worker of a peer. */
export function commandOf(name: PeerName, threads: number, clock: Clock): Command {
  // Read by OpenMP (torch, oneDNN) and by TensorFlow, in Python and in tfjs-node.
  const env = {
    OMP_NUM_THREADS: String(threads),
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(threads),
    TF_CPP_MIN_LOG_LEVEL: '2',
    BENCH_THREADS: String(threads),
    BENCH_CLOCK: clock,
  };
  const node = (script: string, argument: string): Command => ({
    file: process.execPath,
    // The worker runs TypeScript with the same loader as this process.
    args: [...process.execArgv, path.join(BENCH, 'workers', script), argument],
    env,
  });
  switch (name) {
    case 'wasm':
    case 'cpu':
      return node('tfjs.ts', name);
    case 'tfjs-node':
      return node('tfjs.ts', 'tensorflow');
    case 'onnxruntime-web':
    case 'onnxruntime-node':
      return node('onnxruntime.ts', path.join(NODE_PEERS.onnxruntime, name));
    case 'jax-js':
      return node('jax_js.ts', NODE_PEERS.jax);
    case 'chromium':
      return node('chromium.ts', NODE_PEERS.litert);
    case 'torch':
    case 'keras': {
      const places = [path.join(PYTHON_PEERS, name), process.env['PYTHONPATH']].filter(Boolean).join(path.delimiter);
      return {
        file: process.env['BENCH_PYTHON'] ?? 'python3',
        args: [path.join(BENCH, 'workers', `${name}_worker.py`)],
        env: {
          ...env,
          PYTHONPATH: places,
          PYTHONDONTWRITEBYTECODE: '1',
          KERAS_BACKEND: 'tensorflow',
          KERAS_HOME: PYTHON_PEERS,
          // Results of torch.compile, kept for the next run.
          TORCHINDUCTOR_CACHE_DIR: path.join(PYTHON_PEERS, 'torch_compiled'),
        },
      };
    }
  }
}
