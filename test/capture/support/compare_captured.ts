/** Comparison of a captured function with the same function run as usual, from equal states. */
import * as tf from '@tensorflow/tfjs';
import { tensorsIn } from '../../../src/support/tensor_tree.js';
import { capture, type CaptureReport } from '../../../src/index.js';
import type { TestBackend } from '../../support/backends.js';
import { expectClose, expectSameBits } from '../../support/compare.js';

/** A function to capture, and its state. */
export interface Subject {
  readonly f: (...args: tf.Tensor[]) => unknown;
  /** Variables that it may change. */
  readonly variables?: readonly tf.Variable[];
  /** Disposes what the function has created beside its results. */
  readonly dispose?: () => void;
}

/**
 * Calls the function `calls` times beside its captured form, and fails if a result or a variable differs: by a bit on
 * backends that repeat theirs, by more than rounding elsewhere.
 *
 * @param make makes the function with a state of its own, equal each time
 * @param argsOf arguments of each call
 */
export async function compareCaptured(
  { repeatable }: TestBackend,
  make: () => Subject,
  argsOf: (call: number) => tf.Tensor[],
  calls = 7,
): Promise<CaptureReport> {
  const before = tf.memory().numTensors;
  const [usual, other] = [make(), make()];
  const captured = capture(other.f as (...args: tf.Tensor[]) => tf.TensorContainer);
  const compare = async (got: tf.Tensor, want: tf.Tensor, name: string): Promise<void> => {
    await (repeatable && got.dtype === 'float32'
      ? expectSameBits(got, want, name)
      : expectClose(got, want, 1e-4, name));
  };
  let warm = 0;
  for (let call = 0; call < calls; call++) {
    const args = argsOf(call);
    const wanted = tf.tidy(() => usual.f(...args) as tf.TensorContainer);
    const results = captured(...args);
    const [got, want] = [tensorsIn(results), tensorsIn(wanted)];
    expect(got).toHaveLength(want.length);
    expect(got.map(({ dtype }) => dtype)).toEqual(want.map(({ dtype }) => dtype));
    for (const [index, tensor] of got.entries()) await compare(tensor, want[index]!, `call ${call}, result ${index}`);
    for (const [index, variable] of (other.variables ?? []).entries()) {
      await compare(variable, usual.variables![index]!, `call ${call}, variable ${index}`);
    }
    tf.dispose([...got, ...want].filter((tensor) => !(tensor instanceof tf.Variable)));
    tf.dispose(args);
    if (call === 3) warm = tf.memory().numTensors;
    if (call > 3) expect(tf.memory().numTensors).toBe(warm);
  }
  const report = captured.report();
  captured.dispose();
  for (const { variables = [], dispose } of [usual, other]) {
    tf.dispose([...variables]);
    dispose?.();
  }
  expect(tf.memory().numTensors).toBe(before);
  return report;
}
