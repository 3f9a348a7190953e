/** Circular padding layer. No weights. */
import { PadLayer, type PadArgs } from './pad_layer.js';

/** Arguments of {@link CircularPad2D}. */
export type CircularPad2DArgs = PadArgs;

/**
 * Pads images with their opposite side, as if they were tiled.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for padding larger than the image
 * @see torch.nn.CircularPad2d
 * @example
 * ```ts
 * const y = conv.layers.circularPad2d({ padding: [0, 2] }).apply(tf.tensor4d([1, 2, 3], [1, 1, 3, 1]));
 * console.log(y.reshape([-1]).arraySync()); // [2, 3, 1, 2, 3, 1, 2]
 * ```
 */
export class CircularPad2D extends PadLayer {
  static override readonly className: string = 'Convolutions>CircularPad2D';

  protected readonly mode = 'circular';

  constructor(args: CircularPad2DArgs = {}) {
    super(args);
  }
}
