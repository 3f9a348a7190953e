/**
 * TensorFlow.js's batch normalisation, computed as Keras computes it, by this package's kernels. Its own is wrong over
 * any axis but the last, has no gradient without `scale`, cannot train without `scale` or `center`, and keeps updating
 * the moving averages when it is frozen.
 */
import * as tf from '@tensorflow/tfjs';
import { dependsOn } from '../kernel/conditions.js';
import { normalizeAxis, type NormalizerWeights } from './channel_normalizer.js';

/** Config entries that matter here. */
interface StockConfig {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

const configs = new WeakMap<tf.layers.Layer, StockConfig>();

/** True if the layer is TensorFlow.js's batch normalisation, not one of this package or of a subclass. */
export function isStockBatchNormalization(layer: tf.layers.Layer): boolean {
  return layer.getClassName() === 'BatchNormalization';
}

/** True if TensorFlow.js cannot train a built layer or computes it wrongly. */
export function isBeyondHost(layer: tf.layers.Layer): boolean {
  const { axis, center, scale } = configOf(layer);
  const last = (layer.inputSpec[0]?.ndim ?? 0) - 1;
  return !center || !scale || (axis !== -1 && axis !== last);
}

/**
 * Computes the output of a built batch normalisation layer of TensorFlow.js.
 *
 * @param inputs [batch, …], or a list of one such tensor, as the layer's `call` receives it
 * @param training whether to normalise by the statistics of the batch and update the moving averages
 */
export function normalizeStock(
  layer: tf.layers.Layer,
  inputs: tf.Tensor | readonly tf.Tensor[],
  training: boolean,
): tf.Tensor {
  const { axis, momentum, epsilon } = configOf(layer);
  const x = inputs instanceof tf.Tensor ? inputs : inputs[0]!;
  const options = { momentum, epsilon, activation: 'linear', training } as const;
  return tf.tidy(() => normalizeAxis(x, axis < 0 ? axis + x.rank : axis, weightsOf(layer), options));
}

/** Replacement of TensorFlow.js's `call`; a frozen layer runs in inference mode, as in Keras. */
export function callStock(
  this: tf.layers.Layer,
  inputs: tf.Tensor | tf.Tensor[],
  kwargs: Readonly<Record<string, unknown>>,
): tf.Tensor {
  return normalizeStock(this, inputs, kwargs['training'] === true && dependsOn(() => this.trainable));
}

function configOf(layer: tf.layers.Layer): StockConfig {
  let config = configs.get(layer);
  if (config === undefined) {
    config = layer.getConfig() as unknown as StockConfig;
    configs.set(layer, config);
  }
  return config;
}

function weightsOf(layer: tf.layers.Layer): NormalizerWeights {
  const find = (name: string): tf.LayerVariable | undefined =>
    layer.weights.find(({ originalName }) => originalName === name || originalName.endsWith(`/${name}`));
  return {
    gamma: find('gamma'),
    beta: find('beta'),
    movingMean: find('moving_mean')!,
    movingVariance: find('moving_variance')!,
  };
}
