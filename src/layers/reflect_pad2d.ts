/** Reflection padding layer. No weights. */
import { PadLayer, type PadArgs } from './pad_layer.js';

/** Arguments of {@link ReflectPad2D}. */
export type ReflectPad2DArgs = PadArgs;

/**
 * Pads images with their reflection; the border pixels themselves are not repeated.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for padding that is not below the image size
 * @see torch.nn.ReflectionPad2d
 * @example
 * ```ts
 * const y = conv.layers.reflectPad2d({ padding: [0, 2] }).apply(tf.tensor4d([1, 2, 3], [1, 1, 3, 1]));
 * console.log(y.reshape([-1]).arraySync()); // [3, 2, 1, 2, 3, 2, 1]
 * ```
 */
export class ReflectPad2D extends PadLayer {
  static override readonly className: string = 'Convolutions>ReflectPad2D';

  protected readonly mode = 'reflect';

  constructor(args: ReflectPad2DArgs = {}) {
    super(args);
  }
}
