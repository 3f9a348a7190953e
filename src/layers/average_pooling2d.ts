/** Average pooling layer with correct gradients on every backend. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { avgPool2d } from '../ops/avg_pool2d/op.js';
import type { Pool2DOptions } from '../ops/pool_window.js';
import { PoolLayer, type PoolArgs } from './pool_layer.js';

/** Arguments of {@link AveragePooling2D}. */
export type AveragePooling2DArgs = PoolArgs;

/**
 * Average of the pixels in each window, not counting padding, as keras.layers.AveragePooling2D.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a window that does not fit or lies entirely
 * in the padding
 * @see keras.io/api/layers/pooling_layers/average_pooling2d
 * @example
 * ```ts
 * const layer = conv.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' });
 * console.log(layer.apply(tf.ones([1, 7, 5, 4])).shape); // [1, 4, 3, 4]
 * ```
 */
export class AveragePooling2D extends PoolLayer {
  static override readonly className: string = 'Convolutions>AveragePooling2D';

  constructor(args: AveragePooling2DArgs = {}) {
    super(args);
  }

  protected override pool(x: tf.Tensor4D, options: Pool2DOptions): tf.Tensor4D {
    return avgPool2d(x, options);
  }
}
