/** Max pooling layer with correct gradients on every backend. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { maxPool2d } from '../ops/max_pool2d/op.js';
import type { Pool2DOptions } from '../ops/pool_window.js';
import { PoolLayer, type PoolArgs } from './pool_layer.js';

/** Arguments of {@link MaxPooling2D}. */
export type MaxPooling2DArgs = PoolArgs;

/**
 * Maximum of each window, as keras.layers.MaxPooling2D; for ties and NaN see `maxPool2d`.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a window that does not fit or lies entirely
 * in the padding
 * @see keras.io/api/layers/pooling_layers/max_pooling2d
 * @example
 * ```ts
 * const layer = conv.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' });
 * console.log(layer.apply(tf.ones([1, 7, 5, 4])).shape); // [1, 4, 3, 4]
 * ```
 */
export class MaxPooling2D extends PoolLayer {
  static override readonly className: string = 'Convolutions>MaxPooling2D';

  constructor(args: MaxPooling2DArgs = {}) {
    super(args);
  }

  protected override pool(x: tf.Tensor4D, options: Pool2DOptions): tf.Tensor4D {
    return maxPool2d(x, options);
  }
}
