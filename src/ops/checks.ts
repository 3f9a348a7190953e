/** Argument checks shared by the ops: kind, rank and dtype of tensors, shapes of filters and biases. */
import * as tf from '@tensorflow/tfjs';
import { rangeError, typeError, type Action } from '../errors.js';
import { checkOptions, type KnownOptions } from '../support/check_options.js';

/**
 * Checks the options of an operator as {@link checkOptions} does, and that they are the last argument: the
 * TensorFlow.js functions of the same names take strides, padding and so on one by one.
 *
 * @param call correct form of the call, for the error message
 */
export function checkCall(
  action: Action,
  call: string,
  options: unknown,
  names: KnownOptions,
  more: readonly unknown[],
): void {
  checkOptions(action, options, names, { call });
  checkNoMore(action, call, more);
}

/** Throws if there are extra arguments. */
export function checkNoMore(action: Action, call: string, more: readonly unknown[]): void {
  if (more.length > 0) throw typeError(action, `no argument may follow: write ${call}`, 'argument', more[0]);
}

/** Returns the value as a tensor. Throws unless it is a float32 tensor of one of the given ranks. */
export function checkFloatTensor(action: Action, name: string, value: unknown, ranks: readonly number[]): tf.Tensor {
  return checkTensor(action, name, value, ranks, 'float32');
}

/** Returns the value as a tensor. Throws unless it is a tensor of this type and one of the given ranks. */
export function checkTensor(
  action: Action,
  name: string,
  value: unknown,
  ranks: readonly number[],
  dtype: tf.DataType,
): tf.Tensor {
  if (!(value instanceof tf.Tensor)) {
    throw typeError(action, `${name} must be a tensor`, name, value);
  }
  if (value.isDisposed) throw rangeError(action, `${name} must not be disposed`, `${name}.isDisposed`, true);
  if (value.dtype !== dtype) {
    throw typeError(
      action,
      `${name} must be ${dtype === 'int32' ? 'an' : 'a'} ${dtype} tensor`,
      `${name}.dtype`,
      value.dtype,
    );
  }
  if (!ranks.includes(value.rank)) {
    throw rangeError(action, `${name} must have rank ${ranks.join(' or ')}`, `${name}.shape`, value.shape);
  }
  return value as tf.Tensor;
}

/** Returns the tensor as a batch [n, h, w, c]; a 3-D tensor becomes a batch of one. */
export function toBatch(action: Action, name: string, value: unknown, rank: number): tf.Tensor4D {
  const tensor = checkFloatTensor(action, name, value, [rank]);
  return (rank === 3 ? tf.expandDims(tensor, 0) : tensor) as tf.Tensor4D;
}

/** Returns the rank of an image argument. Throws unless it is 3 or 4. */
export function imageRank(action: Action, name: string, value: unknown): 3 | 4 {
  return checkFloatTensor(action, name, value, [3, 4]).rank === 3 ? 3 : 4;
}

/**
 * Returns the filter [kh, kw, c, c]. Throws if it has no weights: an empty sum is more often a mistake than intended
 * (as in PyTorch).
 */
export function checkFilter(action: Action, value: unknown): tf.Tensor {
  const filter = checkFloatTensor(action, 'filter', value, [4]);
  if (filter.size === 0) {
    throw rangeError(action, 'filter must have no axis of size 0', 'filter.shape', filter.shape);
  }
  return filter;
}

/** Throws if the images have no pixels; the batch itself may be empty. */
export function checkPixels(action: Action, { shape }: Pick<tf.Tensor4D, 'shape'>): void {
  if (shape[1] * shape[2] === 0) throw rangeError(action, 'x must have at least one pixel', 'x.shape', shape);
}

/** Returns the tensor. Throws unless it has exactly the expected shape. */
export function checkShape(
  action: Action,
  name: string,
  value: unknown,
  shape: readonly number[],
  form: string,
): tf.Tensor {
  const tensor = checkFloatTensor(action, name, value, [shape.length]);
  if (tensor.shape.some((size, axis) => size !== shape[axis])) {
    throw rangeError(action, `${name} must have shape ${form} = [${shape.join(', ')}]`, `${name}.shape`, tensor.shape);
  }
  return tensor;
}
