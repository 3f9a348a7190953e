/** Registration of the optimizers under names of this package, by which the host loads compiled models that have them. */
import * as tf from '@tensorflow/tfjs';
import { Adam } from './adam.js';
import { AdamW } from './adamw.js';
import { SGD } from './sgd.js';

/** Registers the optimizers; the names of the host's own ones stay theirs. */
export function registerOptimizers(): void {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  for (const [name, optimizer] of Object.entries({ Adam, AdamW, SGD })) {
    const cls = optimizer as unknown as tf.serialization.SerializableConstructor<tf.serialization.Serializable>;
    classNameMap[`Convolutions>${name}`] = [cls, cls.fromConfig];
  }
}
