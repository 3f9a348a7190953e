/** Options and checks that the losses share. */
import * as tf from '@tensorflow/tfjs';
import { checkNumber, rangeError, typeError, type Action } from '../../errors.js';

/**
 * Loss of a batch, for `Trainer` and `model.compile`: one number for each example, or for each position of it.
 *
 * @param truth one-hot classes or labels of 0 and 1, float32, [batch, …, classes]
 * @param prediction of the same shape
 * @returns a tensor without the last axis, whose mean is minimized
 */
export type Loss = (truth: tf.Tensor, prediction: tf.Tensor) => tf.Tensor;

/** Distance of probabilities from 0 and 1 before their logarithm, as in Keras. */
const EPSILON = 1e-7;

/** Moves probabilities away from 0 and 1. */
export function clipped(probabilities: tf.Tensor): tf.Tensor {
  return tf.clipByValue(probabilities, EPSILON, 1 - EPSILON);
}

/** Divides by the sum of the last axis, so that it holds probabilities. */
export function normalized(values: tf.Tensor): tf.Tensor {
  return tf.div(values, tf.sum(values, -1, true));
}

/** Mixes targets with a constant: target · (1 − smoothing) + smoothing · constant. */
export function smoothed(target: tf.Tensor, smoothing: number, constant: number): tf.Tensor {
  return smoothing === 0 ? target : tf.add(tf.mul(target, 1 - smoothing), smoothing * constant);
}

/** Returns the value if it is a fraction; throws otherwise. */
export function checkSmoothing(action: Action, smoothing: unknown): number {
  return checkNumber(action, 'labelSmoothing', smoothing, { from: 0, to: 1 });
}

/** Returns a copy of the weights if they are numbers of at least 0, one for each class; throws otherwise. */
export function checkWeights(action: Action, name: string, weights: unknown): readonly number[] | undefined {
  if (weights === undefined) return undefined;
  if (!Array.isArray(weights)) throw typeError(action, `${name} must be a list of numbers`, name, weights);
  if (weights.length === 0) throw rangeError(action, `${name} must have a number for each class`, `${name}.length`, 0);
  return weights.map((weight, index) => checkNumber(action, `${name}[${index}]`, weight, { from: 0 }));
}

/** Throws unless both tensors have the same shape, and the weights as many numbers as there are classes. */
export function checkPair(action: Action, truth: tf.Tensor, prediction: tf.Tensor, weights?: readonly number[]): void {
  if (!tf.util.arraysEqual(truth.shape, prediction.shape) || truth.rank === 0) {
    const rule = `the truth must have the shape [${prediction.shape.join(', ')}] of the prediction`;
    throw rangeError(action, rule, 'shape', truth.shape);
  }
  if (weights !== undefined && weights.length !== truth.shape.at(-1)) {
    throw rangeError(action, `there must be a weight for each of ${truth.shape.at(-1)} classes`, 'weights', weights);
  }
}

/** Multiplies losses by the weight of the true class. */
export function weighted(loss: tf.Tensor, truth: tf.Tensor, weights: readonly number[] | undefined): tf.Tensor {
  if (weights === undefined) return loss;
  return tf.mul(loss, tf.sum(tf.mul(truth, tf.tensor1d([...weights])), -1));
}
