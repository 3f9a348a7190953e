/** Dropout layers with a seed: how many masks each has drawn, so that a resumed run goes on with the next one. */
import * as tf from '@tensorflow/tfjs';
import { Dropout } from '../layers/dropout.js';

/** Lists the dropout layers with a seed, those of nested models included. */
export function seededDropouts({ layers }: tf.LayersModel): Dropout[] {
  const found = layers.flatMap((layer) => {
    if (layer instanceof tf.LayersModel) return seededDropouts(layer);
    return layer instanceof Dropout && layer.seed !== undefined ? [layer] : [];
  });
  return [...new Set(found)];
}
