/** Resizing to a given size, with Keras's values and a gradient on every backend. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import type { OutputSize } from './image_layer.js';
import { ResizeLayer, type Interpolation, type ResizeLayerArgs } from './resize_layer.js';

/** Arguments of {@link Resizing}. */
export interface ResizingArgs extends ResizeLayerArgs {
  /** Of the output, in pixels. */
  height: number;
  /** Of the output, in pixels. */
  width: number;
  /** @default 'bilinear' */
  interpolation?: Interpolation;
}

/**
 * Images of the given size, with pixel centres at halves, as Keras computes them. The values of `tf.layers.resizing` are
 * others: it brings the corners of both images together. Nothing is averaged, so that a much smaller image leaves pixels
 * out.
 *
 * @throws TypeError for an unknown option or a wrong kind; RangeError for a value out of range
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
    this.height = checkInteger(this.action, 'height', args.height, 1);
    this.width = checkInteger(this.action, 'width', args.width, 1);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { height: this.height, width: this.width, interpolation: this.interpolation, ...super.getConfig() };
  }

  protected override outputSize(_height: number | null, _width: number | null, channels: number): OutputSize {
    return [this.height, this.width, channels];
  }
}
