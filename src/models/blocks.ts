/** Pieces that models are built of: short forms over layers. */
import * as tf from '@tensorflow/tfjs';
import type { FusedActivation } from '../ops/batch_norm/names.js';
import { layers } from '../layers/registry.js';

/** The layer's output for `x`. */
export function apply(layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor {
  return layer.apply(x) as tf.SymbolicTensor;
}

/**
 * Normalisation and activation under two names, as Keras has them: the first layer does both in one kernel, the second
 * passes through.
 */
export function normalizeAndActivate(
  x: tf.SymbolicTensor,
  names: { readonly normalization: string; readonly activation: string },
  activation: FusedActivation,
  momentum: number,
): tf.SymbolicTensor {
  const y = apply(layers.batchNormalization({ name: names.normalization, activation, momentum }), x);
  return apply(tf.layers.activation({ name: names.activation, activation: 'linear' }), y);
}
