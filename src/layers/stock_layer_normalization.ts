/**
 * TensorFlow.js's layer normalisation from basic operators: its own has no gradient without `scale` or without
 * `center`.
 */
import * as tf from '@tensorflow/tfjs';

/** Config entries that matter here; axes count from 0 once the layer is built. */
interface StockConfig {
  readonly axis: readonly number[];
  readonly epsilon: number;
}

/** Replacement of TensorFlow.js's `call`. */
export function callLayerNormalization(this: tf.layers.Layer, inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  const { axis, epsilon } = this.getConfig() as unknown as StockConfig;
  const x = Array.isArray(inputs) ? inputs[0]! : inputs;
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(x, [...axis], true);
    const normalized = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
    const shape = x.shape.map((size, index) => (axis.includes(index) ? size : 1));
    const spread = (name: string): tf.Tensor | undefined => {
      const weight = this.weights.find(({ originalName }) => originalName.endsWith(name));
      return weight && tf.reshape(weight.read(), shape);
    };
    const [gamma, beta] = [spread('gamma'), spread('beta')];
    const scaled = gamma === undefined ? normalized : tf.mul(normalized, gamma);
    return beta === undefined ? scaled : tf.add(scaled, beta);
  });
}
