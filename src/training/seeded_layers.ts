/** Layers with a seed: how often each has drawn random numbers, so that a resumed run goes on with the next ones. */
import * as tf from '@tensorflow/tfjs';
import { isSeeded, type SeededLayer } from '../layers/seeded_layer.js';

/** Lists the layers with a seed, such as dropout and augmentation, those of nested models included. */
export function seededLayers({ layers }: tf.LayersModel): SeededLayer[] {
  const found = layers.flatMap((layer): SeededLayer[] => {
    if (layer instanceof tf.LayersModel) return seededLayers(layer);
    return isSeeded(layer) ? [layer] : [];
  });
  return [...new Set(found)];
}
