/** True for a network with frozen layers, besides normalizations, which stay frozen when all other layers are trained. */
import * as tf from '@tensorflow/tfjs';

const NORMALIZATION = /(^|>)BatchNormalization$/;

export function isFrozen({ layers }: tf.LayersModel): boolean {
  return layers.some((layer) => {
    if (layer instanceof tf.LayersModel) return isFrozen(layer);
    if (layer.weights.length === 0 || NORMALIZATION.test(layer.getClassName())) return false;
    return layer.trainableWeights.length === 0;
  });
}
