/** Upsampling by integer factors, with Keras's values and gradients on every backend. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { toPair, type Pair } from '../kernel/geometry.js';
import type { OutputSize } from './image_layer.js';
import { ResizeLayer, type Interpolation, type ResizeLayerArgs } from './resize_layer.js';

/** Arguments of {@link UpSampling2D}. */
export interface UpSampling2DArgs extends ResizeLayerArgs {
  /** Upsampling factors [height, width], integers. @default 2 */
  size?: Pair;
  /** `'nearest'` repeats rows and columns. @default 'nearest' */
  interpolation?: Interpolation;
}

/**
 * Upsamples images by repeating rows and columns, or bilinearly with half-pixel centres, as Keras does. The bilinear
 * values of `tf.layers.upSampling2d` differ, since it assumes pixel centres at integers.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.UpSampling2D
 * @example
 * ```ts
 * const layer = conv.layers.upSampling2d({ size: [1, 2], interpolation: 'bilinear' });
 * const y = layer.apply(tf.tensor4d([0, 4], [1, 1, 2, 1])) as tf.Tensor;
 * console.log(y.flatten().arraySync()); // [0, 1, 3, 4]
 * ```
 */
export class UpSampling2D extends ResizeLayer {
  static override readonly className: string = 'Convolutions>UpSampling2D';

  readonly size: readonly [number, number];

  constructor(args: UpSampling2DArgs = {}) {
    super(args, 'nearest');
    this.size = toPair(this.action, 'size', args.size ?? 2, 1);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { size: [...this.size], interpolation: this.interpolation, ...super.getConfig() };
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    const [y, x] = this.size;
    return [height === null ? null : height * y, width === null ? null : width * x, channels];
  }
}
