/** True for a network with frozen layers, besides normalizations, which stay frozen when all other layers are trained. */
import * as tf from '@tensorflow/tfjs';
import { isNormalization } from 'tfjs-convolutions/models/freeze';

export function isFrozen({ layers }: tf.LayersModel): boolean {
  return layers.some((layer) => {
    if (layer instanceof tf.LayersModel) return isFrozen(layer);
    if (layer.weights.length === 0 || isNormalization(layer)) return false;
    return layer.trainableWeights.length === 0;
  });
}
