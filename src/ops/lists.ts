/**
 * Kernels over lists of tensors, which update all variables of a model in one call instead of one per variable. The
 * engine passes inputs by name only, so the tensors of a list `a` are named a0, a1, ….
 */
import type * as tf from '@tensorflow/tfjs';

/** Converts lists of equal length to named inputs. */
export function toNamed(lists: Readonly<Record<string, readonly tf.Tensor[]>>): Record<string, tf.Tensor> {
  const named: Record<string, tf.Tensor> = {};
  for (const [name, tensors] of Object.entries(lists)) {
    tensors.forEach((tensor, index) => (named[`${name}${index}`] = tensor));
  }
  return named;
}

/** Collects the tensors of a list from named inputs. */
export function listOf(inputs: tf.NamedTensorInfoMap, name: string): tf.TensorInfo[] {
  const list: tf.TensorInfo[] = [];
  for (let tensor = inputs[`${name}0`]; tensor !== undefined; tensor = inputs[`${name}${list.length}`]) {
    list.push(tensor);
  }
  return list;
}
