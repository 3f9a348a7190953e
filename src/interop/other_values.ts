/** Layers of TensorFlow.js that have the same names as Keras layers but compute different values, whatever their weights. */
import * as tf from '@tensorflow/tfjs';
import { isStockBatchNormalization } from '../layers/stock_batch_normalization.js';

/** Warns about the layers in a model, including nested models, that compute different values than in Keras. */
export function warnOfOtherValues(model: tf.LayersModel): void {
  const names = namesIn(model);
  if (names.length === 0) return;
  console.warn(
    `Loaded Keras weights, but these layers compute different values in TensorFlow.js than in Keras: ${names.join(', ')}. ` +
      'Build the model with upSampling2d, resizing and batchNormalization from this package instead.',
  );
}

function namesIn(model: tf.LayersModel, prefix = ''): string[] {
  return model.layers.flatMap((layer) => {
    const path = `${prefix}${layer.name}`;
    if (layer instanceof tf.LayersModel) return namesIn(layer, `${path}/`);
    return hasOtherValues(layer) ? [`'${path}'`] : [];
  });
}

function hasOtherValues(layer: tf.layers.Layer): boolean {
  const className = layer.getClassName();
  if (className === 'Resizing') return true;
  if (className === 'UpSampling2D') return layer.getConfig()['interpolation'] === 'bilinear';
  if (!isStockBatchNormalization(layer)) return false;
  const axis = layer.getConfig()['axis'] as number;
  return axis !== -1 && axis !== (layer.inputSpec[0]?.ndim ?? 0) - 1;
}
