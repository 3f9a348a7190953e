/** Checks of the images that an analysis runs a model on. */
import type * as tf from '@tensorflow/tfjs';
import { oneLine, rangeError, type Action } from '../errors.js';
import { isAbsent } from '../layers/config.js';
import { inputLayout } from './layout.js';

/** Checks that there are images and that they have the channels of the model's input at `index`. */
export function checkImages(action: Action, model: tf.LayersModel, index: number, images: tf.Tensor): void {
  const own = model.inputs[index]!.shape;
  const axis = inputLayout(model, index) === 'channelsFirst' ? 1 : 3;
  if (images.shape[0] === 0) throw rangeError(action, 'there must be at least one image', 'x.shape', images.shape);
  if (isAbsent(own[axis]) || own[axis] === images.shape[axis]) return;
  const rule = `the images must have the channels of the model's input [${own.map((size) => size ?? 'any').join(', ')}]`;
  throw rangeError(action, rule, 'x.shape', images.shape);
}

/**
 * Runs a model on images of any size, and names their size in an error if it is not the model's own: a dense layer, for
 * example, accepts no other.
 */
export function runOnSize<T>(action: Action, own: tf.Shape, images: tf.Shape, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (own.every((size, axis) => axis === 0 || isAbsent(size) || size === images[axis])) throw error;
    const size = own.slice(1).map((length) => length ?? 'any');
    const reason = oneLine((error as Error).message);
    const rule = `the model must accept images of this size, its own is [${size.join(', ')}] (${reason})`;
    throw rangeError(action, rule, 'x.shape', images);
  }
}

/** Checks that all values of the images, or of all inputs, are finite: others would pass through a model unnoticed. */
export async function checkFinite(action: Action, x: tf.Tensor | readonly tf.Tensor[]): Promise<void> {
  const tensors = Array.isArray(x) ? (x as readonly tf.Tensor[]) : [x as tf.Tensor];
  for (const [index, tensor] of tensors.entries()) {
    const values = await tensor.data();
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong < 0) continue;
    const name = tensors.length === 1 ? 'x' : `x[${index}]`;
    throw rangeError(action, `every value of ${name} must be finite`, `${name} at ${wrong}`, values[wrong]);
  }
}
