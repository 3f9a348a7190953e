/**
 * Replacements for layers of TensorFlow.js that differ from Keras or have no gradient: their classes are made to call
 * ours.
 */
import * as tf from '@tensorflow/tfjs';
import { callStock } from './stock_batch_normalization.js';
import { callDilated } from './stock_conv2d.js';
import { callLayerNormalization } from './stock_layer_normalization.js';

type Call = tf.layers.Layer['call'];

/** Makes the call that takes the place of a layer's own. */
const CALLS: Readonly<Record<string, (host: Call) => Call>> = {
  BatchNormalization: () => callStock,
  Conv2D: callDilated,
  LayerNormalization: () => callLayerNormalization,
};

/** Calls that this module has put into layers. */
const made = new WeakSet<Call>();

/** Replaces them for the whole process; returns a function that undoes it. Idempotent. */
export function replaceStockCalls(): () => void {
  const undo = Object.entries(CALLS).map(([className, make]) => {
    const [StockLayer] = tf.serialization.SerializationMap.getMap().classNameMap[className]!;
    const prototype = StockLayer.prototype as { call: Call };
    const { call } = prototype;
    if (made.has(call)) return () => undefined;
    const own = make(call);
    made.add(own);
    prototype.call = own;
    return () => {
      if (prototype.call === own) prototype.call = call;
    };
  });
  return () => {
    undo.forEach((putBack) => {
      putBack();
    });
  };
}
