/** Trains only part of a model's weights. */
import * as tf from '@tensorflow/tfjs';

/**
 * Freezes all weights except those with these names. A normalisation without any trainable weight also keeps its moving
 * averages.
 *
 * @returns number of trainable parameters
 */
export function learnOnly(model: tf.LayersModel, names: RegExp): number {
  // TensorFlow.js makes every weight of a tf.Sequential trainable when it is first called, so that must come before.
  if (model instanceof tf.Sequential) {
    tf.tidy(() => model.predict(tf.zeros(model.inputs[0]!.shape.map((size) => size ?? 1))));
  }
  for (const layer of model.layers) {
    // Also unfreezes what an earlier call has frozen.
    layer.trainable = true;
    const weights = layer.trainableWeights;
    layer.trainable = weights.some(({ originalName }) => names.test(originalName));
    for (const weight of weights) weight.trainable = names.test(weight.originalName);
  }
  return model.trainableWeights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0);
}
