/** The check of an argument that must be a model. */
import * as tf from '@tensorflow/tfjs';
import { typeError, type Action } from '../errors.js';

/**
 * Rejects anything but a model.
 *
 * @param name name of the argument, as in its function's signature
 */
export function checkModel(action: Action, model: unknown, name = 'model'): asserts model is tf.LayersModel {
  if (!(model instanceof tf.LayersModel)) throw typeError(action, `${name} must be a tf.LayersModel`, name, model);
}
