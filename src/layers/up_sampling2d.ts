/** Enlarging by whole factors, with Keras's values and a gradient on every backend. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { toPair, type Pair } from '../kernel/geometry.js';
import type { OutputSize } from './image_layer.js';
import { ResizeLayer, type Interpolation, type ResizeLayerArgs } from './resize_layer.js';

/** Arguments of {@link UpSampling2D}. */
export interface UpSampling2DArgs extends ResizeLayerArgs {
  /** Factors [height, width], whole numbers. @default 2 */
  size?: Pair;
  /** `'nearest'` repeats rows and columns. @default 'nearest' */
  interpolation?: Interpolation;
}

/**
 * Images with every row and column repeated, or with bilinear values between pixels whose centres are at halves, as Keras
 * computes them. The bilinear values of `tf.layers.upSampling2d` are others: it puts the centres at whole numbers.
 *
 * @throws TypeError for an unknown option or a wrong kind; RangeError for a value out of range
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
