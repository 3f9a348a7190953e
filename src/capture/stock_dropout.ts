/** Dropout of TensorFlow.js draws its numbers in JavaScript, which no recording can repeat; this replaces it by a kernel. */
import * as tf from '@tensorflow/tfjs';
import { dropout } from '../ops/dropout/op.js';

/** Members of the host's layer that its types hide. */
interface StockDropout {
  readonly rate: number;
  readonly seed?: number | null;
  readonly noiseShape?: readonly (number | null)[] | null;
  invokeCallHook(inputs: unknown, kwargs: unknown): void;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: { readonly training?: boolean | null }): tf.Tensor;
}

/**
 * Replaces the random numbers of all stock dropout layers in a model, nested models included. Those with a seed are left
 * alone: TensorFlow.js draws the same numbers for them in every call.
 *
 * @returns puts the layers back
 */
export function replaceDropout(model: tf.LayersModel): () => void {
  const layers = dropoutsIn(model);
  for (const layer of layers) {
    layer.call = (inputs, kwargs) =>
      tf.tidy(() => {
        layer.invokeCallHook(inputs, kwargs);
        const x = Array.isArray(inputs) ? inputs[0]! : inputs;
        if (kwargs.training !== true || !(layer.rate > 0 && layer.rate < 1)) return x;
        const { rate, noiseShape } = layer;
        return dropout(x, noiseShape ? { rate, noiseShape: [...noiseShape] } : { rate });
      });
  }
  return () => {
    for (const layer of layers) Reflect.deleteProperty(layer, 'call');
  };
}

function dropoutsIn(model: tf.LayersModel): StockDropout[] {
  return model.layers.flatMap((layer): StockDropout[] => {
    if (layer instanceof tf.LayersModel) return dropoutsIn(layer);
    const stock = layer as unknown as StockDropout;
    const isRandom = stock.seed === undefined || stock.seed === null;
    return layer.getClassName() === 'Dropout' && isRandom ? [stock] : [];
  });
}
