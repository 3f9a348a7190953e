/** Tensors of a program that are the same in every call. */
import * as tf from '@tensorflow/tfjs';
import { inputsOf, type Program } from './program.js';
import type { ValueId } from './recording.js';

/** Computes the constants that later steps or the result read; the caller disposes them. */
export function computeConstants({
  values,
  roots,
  constants,
  constantRoots,
  lastUses,
}: Program): Map<ValueId, tf.Tensor> {
  const tensors = new Map<ValueId, tf.Tensor>();
  tf.tidy(() => {
    const read = (id: ValueId): tf.Tensor => {
      const root = roots[id]!;
      const known = tensors.get(root);
      if (known) return known;
      const { origin, shape, dtype } = values[root]!;
      if (origin.from !== 'numbers') throw new Error(`value ${root} is not a constant`);
      const tensor = tf.tensor(origin.numbers, [...shape], dtype);
      tensors.set(root, tensor);
      return tensor;
    };
    // A value that shares the memory of another may have another shape.
    const operand = (id: ValueId): tf.Tensor => tf.reshape(read(id), [...values[id]!.shape]);
    for (const step of constants) {
      const outputs = tf.engine().runKernel(step.name, inputsOf(step, operand) as tf.NamedTensorMap, step.attributes);
      (Array.isArray(outputs) ? outputs : [outputs]).forEach((tensor, index) => {
        tensors.set(step.outputs[index]!, tensor);
      });
    }
    for (const root of constantRoots) if (lastUses.has(root)) tf.keep(read(root));
  });
  for (const [root, tensor] of tensors) if (tensor.isDisposed) tensors.delete(root);
  return tensors;
}
