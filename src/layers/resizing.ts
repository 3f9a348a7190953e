/** Resizing to a given size, with Keras's values and gradients on every backend. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { LONGEST_AXIS } from '../kernel/geometry.js';
import type { OutputSize } from './image_layer.js';
import { ResizeLayer, type Interpolation, type ResizeLayerArgs } from './resize_layer.js';

/** Arguments of {@link Resizing}. */
export interface ResizingArgs extends ResizeLayerArgs {
  /** Output height, in pixels. */
  height: number;
  /** Output width, in pixels. */
  width: number;
  /** @default 'bilinear' */
  interpolation?: Interpolation;
}

/**
 * Resizes images to a given size with half-pixel centres, as Keras does. `tf.layers.resizing` gives other values, since
 * it aligns the corners of both images. There is no antialiasing: strong downsampling skips pixels.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.Resizing; {@link ResizeBilinear} for the size of another input
 * @example
 * ```ts
 * const layer = conv.layers.resizing({ height: 4, width: 6 });
 * console.log(layer.apply(tf.ones([1, 3, 3, 2])).shape); // [1, 4, 6, 2]
 * ```
 */
export class Resizing extends ResizeLayer {
  static override readonly className: string = 'Convolutions>Resizing';

  readonly height: number;
  readonly width: number;

  constructor(args: ResizingArgs) {
    super(args, 'bilinear');
    this.height = checkInteger(this.action, 'height', args.height, 1, LONGEST_AXIS);
    this.width = checkInteger(this.action, 'width', args.width, 1, LONGEST_AXIS);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { height: this.height, width: this.width, interpolation: this.interpolation, ...super.getConfig() };
  }

  protected override outputSize(_height: number | null, _width: number | null, channels: number): OutputSize {
    return [this.height, this.width, channels];
  }
}
