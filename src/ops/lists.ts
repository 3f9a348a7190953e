/**
 * Kernels over lists of tensors, for work on all variables of a model: one call instead of one a variable. The engine
 * knows inputs by name only, so the tensors of a list `a` are called a0, a1, ….
 */
import type * as tf from '@tensorflow/tfjs';

/** Named inputs of lists that are equally long. */
export function toNamed(lists: Readonly<Record<string, readonly tf.Tensor[]>>): Record<string, tf.Tensor> {
  const named: Record<string, tf.Tensor> = {};
  for (const [name, tensors] of Object.entries(lists)) {
    tensors.forEach((tensor, index) => (named[`${name}${index}`] = tensor));
  }
  return named;
}

/** The tensors of a list. */
export function listOf(inputs: tf.NamedTensorInfoMap, name: string): tf.TensorInfo[] {
  const list: tf.TensorInfo[] = [];
  for (let tensor = inputs[`${name}0`]; tensor !== undefined; tensor = inputs[`${name}${list.length}`])
    list.push(tensor);
  return list;
}
