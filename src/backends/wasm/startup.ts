/**
 * Makes a wasm backend that fails to start explain what to do. TensorFlow.js prints the error that the factory throws
 * and falls back to another backend.
 */
import * as tf from '@tensorflow/tfjs';

type Factory = () => tf.KernelBackend | Promise<tf.KernelBackend>;

const explained = Symbol.for('tfjs-convolutions/explained');

/** Wraps the registered factory of the backend; once, even if this module is loaded twice. */
export function explainStartup(): void {
  const entry = tf.engine().registryFactory['wasm'] as { factory: Factory & { [explained]?: true } } | undefined;
  if (entry === undefined || entry.factory[explained]) return;
  const start = entry.factory;
  const factory = async (): Promise<tf.KernelBackend> => {
    try {
      return await start();
    } catch (error) {
      throw new Error(`${EXPLANATION}, received error = '${messageOf(error)}'`, { cause: error });
    }
  };
  entry.factory = Object.assign(factory, { [explained]: true as const });
}

const EXPLANATION =
  'Cannot start the wasm backend: the .wasm files of @tensorflow/tfjs-backend-wasm/dist must be served where setWasmPaths() ' +
  'says, called before tf.setBackend(), and by default beside the script (docs/bundlers.md has the lines for each bundler)';

/** TensorFlow.js rejects with an object that is not an Error. */
function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : String(error);
}
