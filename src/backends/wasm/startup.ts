/**
 * Start of the wasm backend: on shared memory if threads are wanted, and with an error that explains what to do if it
 * fails. TensorFlow.js prints the error that the factory throws and falls back to another backend.
 */
import * as tf from '@tensorflow/tfjs';
import { withSharedMemory } from './threads/shared_start.js';

type Factory = () => tf.KernelBackend | Promise<tf.KernelBackend>;

/** State of the wrapped factory; a second copy of this module (CommonJS next to ES modules) finds it by its symbol. */
interface Startup {
  /** Number of threads that useThreads() was given. */
  threads?: number;
  /** True from the call of the factory until it returns or fails. */
  starting: boolean;
}

const startup = Symbol.for('tfjs-convolutions/startup');

type WrappedFactory = Factory & { [startup]?: Startup };

function entry(): { factory: WrappedFactory } | undefined {
  return tf.engine().registryFactory['wasm'];
}

/** Wraps the registered factory of the backend; once, even if this module is loaded twice. */
export function wrapStartup(): void {
  const registered = entry();
  if (registered === undefined || registered.factory[startup] !== undefined) return;
  const start = registered.factory;
  const state: Startup = { starting: false };
  const factory = async (): Promise<tf.KernelBackend> => {
    state.starting = true;
    try {
      return await ((state.threads ?? 1) > 1 ? withSharedMemory(async () => start()) : start());
    } catch (error) {
      throw new Error(`${EXPLANATION}, received error = '${messageOf(error)}'`, { cause: error });
    } finally {
      state.starting = false;
    }
  };
  registered.factory = Object.assign(factory, { [startup]: state });
}

/** Returns the state of the wasm backend's start; undefined if the backend is not registered. */
export function startupOf(): Startup | undefined {
  wrapStartup();
  return entry()?.factory[startup];
}

const EXPLANATION =
  'Cannot start the wasm backend: the .wasm files of @tensorflow/tfjs-backend-wasm/dist must be served where setWasmPaths() ' +
  'says, called before tf.setBackend(), and by default beside the script (docs/bundlers.md has the lines for each bundler)';

/** TensorFlow.js rejects with an object that is not an Error. */
function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : String(error);
}
