/** Training of a part of a model's weights. */
import * as tf from '@tensorflow/tfjs';

/**
 * Freezes all weights but those of these names. A normalisation without any that learns also keeps its statistics.
 *
 * @returns how many numbers learn
 */
export function learnOnly(model: tf.LayersModel, names: RegExp): number {
  // The host makes every weight of a tf.Sequential trainable when it is first called: so that comes before.
  if (model instanceof tf.Sequential) {
    tf.tidy(() => model.predict(tf.zeros(model.inputs[0]!.shape.map((size) => size ?? 1))));
  }
  for (const layer of model.layers) {
    // Also what an earlier call has frozen.
    layer.trainable = true;
    const weights = layer.trainableWeights;
    layer.trainable = weights.some(({ originalName }) => names.test(originalName));
    for (const weight of weights) weight.trainable = names.test(weight.originalName);
  }
  return model.trainableWeights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0);
}
