/** A step that trains a model, to be captured. */
import * as tf from '@tensorflow/tfjs';
import { isVariable } from '../../../src/support/tensor_tree.js';
import type { Subject } from './compare_captured.js';

/** One step of a rule on the mean square of the model's outputs; it returns the loss. */
export function trainingSubject(model: tf.LayersModel, rule: tf.Optimizer): Subject {
  const variables = model.weights.map((weight) => weight.read()).filter(isVariable);
  const trained = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
  const loss = (x: tf.Tensor): tf.Scalar => tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor));
  return {
    f: (x) => rule.minimize(() => loss(x), true, trained),
    variables,
    dispose: () => {
      rule.dispose();
      // The learning rate, which TensorFlow.js's momentum forgets.
      (rule as { c?: tf.Scalar }).c?.dispose();
    },
  };
}
