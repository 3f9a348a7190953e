/** Copies a network into layers of TensorFlow.js alone, so that a program without this package loads it. */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';
import { checkModel } from '../support/check_model.js';
import { copyModel } from './rebuild.js';
import { stockCounterparts } from './stock_counterparts.js';
import { ownName, weightsOf } from './weights_by_name.js';

const ACTION = 'use layers of TensorFlow.js alone';

/**
 * Copies a model with layers of TensorFlow.js in the place of those of this package, with the same outputs: explicit padding
 * becomes a layer of its own, and so does the activation of a normalization. `tf.loadLayersModel` then loads it where this
 * package is not imported. The model itself is unchanged.
 *
 * @param model any built tf.LayersModel, nested models included
 * @returns an uncompiled model with the same inputs, outputs and weights
 * @throws TypeError for anything but a model; RangeError that lists all layers for which TensorFlow.js has no counterpart, such
 * as deformable and grouped ones, with the reason of each
 * @example
 * ```ts
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3] });
 * const stock = conv.toStockLayers(model);
 * console.log(stock.layers.some((layer) => layer.getClassName().includes('Convolutions'))); // false
 * ```
 */
export function toStockLayers(model: tf.LayersModel): tf.LayersModel {
  checkModel(ACTION, model);
  const counterparts = new Map(layersOf(model).map((layer) => [layer, stockCounterparts(layer)]));
  const problems = [...counterparts].flatMap(([{ name }, found]) =>
    typeof found === 'string' ? [`${name}: ${found}`] : [],
  );
  if (problems.length > 0) {
    const rule = `TensorFlow.js must have a counterpart of every layer (${problems.join('; ')})`;
    throw rangeError(ACTION, rule, 'layers without one', problems.length);
  }
  const { copy, layers } = copyModel(model, (layer) => counterparts.get(layer) as readonly tf.layers.Layer[]);
  tf.tidy(() => {
    for (const [layer, made] of layers) {
      const weights = weightsOf(layer);
      made.setWeights(made.weights.map((weight) => weights.get(ownName(weight))!));
    }
  });
  return copy;
}

/** Layers that are no models, those of nested models included. */
function layersOf(model: tf.LayersModel): readonly tf.layers.Layer[] {
  return model.layers.flatMap((layer) => (layer instanceof tf.LayersModel ? layersOf(layer) : [layer]));
}
