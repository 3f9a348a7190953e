/** Models of this package: those of TensorFlow.js whose `trainable` flag reaches every layer, as in Keras. */
import * as tf from '@tensorflow/tfjs';
import { freeze, hostFlag, unfreeze } from './freeze.js';

/** `tf.model` in which `model.trainable = false` means `freeze(model)`, and true `unfreeze(model)`. */
export function network(args: Parameters<typeof tf.model>[0]): tf.LayersModel {
  const model = tf.model(args);
  Object.defineProperty(model, 'trainable', {
    configurable: true,
    get: () => hostFlag().get!.call(model) as boolean,
    set: (trainable: boolean) => {
      if (trainable) unfreeze(model);
      else freeze(model);
    },
  });
  return model;
}
