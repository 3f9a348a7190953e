/**
 * Replacements for layers of TensorFlow.js that differ from Keras or have no gradient: their classes are made to call
 * ours.
 */
import * as tf from '@tensorflow/tfjs';
import { callStock } from './stock_batch_normalization.js';
import { callLayerNormalization } from './stock_layer_normalization.js';

type Call = tf.layers.Layer['call'];

const CALLS: Readonly<Record<string, Call>> = {
  BatchNormalization: callStock,
  LayerNormalization: callLayerNormalization,
};

/** Replaces them for the whole process; returns a function that undoes it. Idempotent. */
export function replaceStockCalls(): () => void {
  const undo = Object.entries(CALLS).map(([className, own]) => {
    const [StockLayer] = tf.serialization.SerializationMap.getMap().classNameMap[className]!;
    const prototype = StockLayer.prototype as { call: Call };
    const { call } = prototype;
    if (call === own) return () => undefined;
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
