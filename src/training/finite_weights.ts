/**
 * Finds weights that have become NaN or infinite. The loss does not reveal all of them: a deformable layer reads zero where
 * an offset is NaN, so that the layers after it continue with finite values while everything before it is lost.
 */
import * as tf from '@tensorflow/tfjs';
import { checkModel } from '../support/check_model.js';
import { rangeError, type Action } from '../errors.js';

interface NamedWeight {
  /** Name of the layer, prefixed by the names of the models it is nested in. */
  readonly layer: string;
  readonly weight: string;
  readonly tensor: tf.Tensor;
}

/**
 * Checks that all weights of a model are finite, including moving averages. It computes one sum per weight and reads all
 * sums at once, so it is cheap enough to run every few steps.
 *
 * @param model model to check
 * @throws RangeError that names the first layer with a weight that is NaN or infinite, in the order of the model
 * @example
 * ```ts
 * import { checkFiniteWeights } from 'tfjs-convolutions/training';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const onEpochEnd = () => checkFiniteWeights(model);
 * const broken = model.fit(tf.fill([4, 2], NaN), tf.zeros([4, 1]), { callbacks: { onEpochEnd } });
 * console.log(await broken.catch(({ name }) => name)); // RangeError
 * ```
 */
export async function checkFiniteWeights(model: tf.LayersModel): Promise<void> {
  checkModel('check the weights', model);
  const found = await firstNotFinite(model);
  if (found) throw notFinite('check the weights', found);
}

/** A weight that is not finite. */
export interface NotFinite {
  readonly layer: string;
  readonly weight: string;
}

/** Finds the first weight of a model, in the order of its layers, that is not finite. */
export async function firstNotFinite(model: tf.LayersModel): Promise<NotFinite | undefined> {
  const weights = weightsOf(model);
  if (weights.length === 0) return undefined;
  // NaN and infinities pass through a sum, which reads every element; comparisons may drop them.
  const sums = tf.tidy(() => tf.stack(weights.map(({ tensor }) => tf.sum(tf.abs(tensor)))));
  const values = await sums.data();
  sums.dispose();
  return weights.find((_, index) => !Number.isFinite(values[index]));
}

/** Creates the error for a weight that is not finite. */
export function notFinite(action: Action, { layer, weight }: NotFinite, when = ''): RangeError {
  const rule = `weights must be finite (check for pixels, targets or a learning rate that are not)${when}`;
  return rangeError(action, rule, `weight '${weight}' of the first such layer`, layer);
}

function weightsOf(model: tf.LayersModel, path = ''): NamedWeight[] {
  return model.layers.flatMap((layer) => {
    if (layer instanceof tf.LayersModel) return weightsOf(layer, `${path}${layer.name}/`);
    return layer.weights.map((weight) => ({
      layer: `${path}${layer.name}`,
      weight: weight.originalName,
      tensor: weight.read(),
    }));
  });
}
