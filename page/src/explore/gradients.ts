/** Gradients of one output cell, in the worker. */
import * as tf from '@tensorflow/tfjs';
import type { Gradients } from './model/question.js';

export interface BuiltStep {
  readonly model: tf.LayersModel;
  /** Inputs besides the map before. */
  readonly extra: readonly tf.Tensor[];
}

/** True for an input of offsets or masks, which have values at every output position. */
const isPositional = ({ shape, dtype }: tf.Tensor): boolean => shape.length === 4 && dtype === 'float32';

/**
 * Differentiates one value of the last of several steps in a row.
 *
 * @param cell row, column and channel of the value
 * @returns tensors: gradients of the input, of the weights of each step, and of the positional inputs of the last step
 */
export function gradientsOf(
  input: tf.Tensor,
  steps: readonly BuiltStep[],
  [y, x, channel]: readonly [number, number, number],
): Gradients<tf.Tensor> {
  return tf.tidy(() => {
    const moved = steps.at(-1)!.extra.filter(isPositional);
    const f = (image: tf.Tensor, ...others: tf.Tensor[]): tf.Scalar => {
      const waiting = [...others];
      const output = steps.reduce((map, { model, extra }, index) => {
        const isLast = index === steps.length - 1;
        const given = isLast ? extra.map((tensor) => (isPositional(tensor) ? waiting.shift()! : tensor)) : extra;
        return model.apply(given.length === 0 ? map : [map, ...given]) as tf.Tensor;
      }, image);
      return tf.slice(output, [0, y, x, channel], [1, 1, 1, 1]).asScalar();
    };
    const [ofInput, ...ofMoved] = tf.grads(f)([input, ...moved]);
    // TensorFlow.js refuses to differentiate with respect to no variable; pooling has none.
    const hasWeights = steps.some(({ model }) => model.trainableWeights.length > 0);
    const grads = hasWeights ? tf.variableGrads(() => f(input, ...moved)).grads : {};
    return {
      input: ofInput!,
      weights: steps.flatMap(({ model }) =>
        model.trainableWeights.map(({ name, shape }) => grads[name] ?? tf.zeros(shape as number[])),
      ),
      moved: ofMoved.map((gradient) => tf.slice(gradient, [0, y, x, 0], [1, 1, 1, -1])),
    };
  });
}
