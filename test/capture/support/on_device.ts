/** Helpers of the tests of replays on a graphics device. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
/** Backends with such replays. */
export const ON_DEVICE = {
  where: ({ name }: { readonly name: string }): boolean => ['webgl', 'webgpu'].includes(name),
};

/** Any captured function. */
export type AnyCaptured = { readonly report: () => conv.CaptureReport };

/** Number of calls after which a function is repeated on the device: at most four recordings, and one replay as usual. */
export const WARM = 5;

/** Report of the signature that was called last. */
export function entryOf(captured: AnyCaptured): conv.SignatureReport {
  return captured.report().signatures.at(-1)!;
}

/** Names of the kernels that run during a call. */
export function kernelsOf(call: () => unknown): string[] {
  const engine = tf.engine() as unknown as { runKernel: (name: string, ...rest: unknown[]) => unknown };
  const { runKernel } = engine;
  const names: string[] = [];
  engine.runKernel = (name, ...rest) => {
    names.push(name);
    return runKernel.call(engine, name, ...rest);
  };
  try {
    call();
  } finally {
    Reflect.deleteProperty(engine, 'runKernel');
  }
  return names;
}

/** Reads a tensor and disposes it, unless it is a variable. */
export async function read(tensor: tf.Tensor): Promise<number[]> {
  const values = [...(await tensor.data())];
  if (!(tensor instanceof tf.Variable)) tensor.dispose();
  return values;
}

/** A variable that shares its first value with nothing. */
export function variableOf(value: () => tf.Tensor): tf.Variable {
  return tf.tidy(() => [tf.variable(value())])[0] as tf.Variable;
}
