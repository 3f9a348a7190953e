/** Weights of a layer by their bare names. */
import type * as tf from '@tensorflow/tfjs';

/** Bare name of a weight: `conv_1/kernel` → `kernel`. */
export function ownName({ originalName }: tf.LayerVariable): string {
  return originalName.slice(originalName.lastIndexOf('/') + 1);
}

/** Returns the values of a layer's weights. */
export function weightsOf(layer: tf.layers.Layer): Map<string, tf.Tensor> {
  return new Map(layer.weights.map((weight) => [ownName(weight), weight.read()]));
}
