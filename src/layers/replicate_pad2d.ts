/** Replication padding layer. No weights. */
import { PadLayer, type PadArgs } from './pad_layer.js';

/** Arguments of {@link ReplicatePad2D}. */
export type ReplicatePad2DArgs = PadArgs;

/**
 * Pads images by repeating their border pixels.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for negative padding
 * @see torch.nn.ReplicationPad2d
 * @example
 * ```ts
 * const y = conv.layers.replicatePad2d({ padding: [0, 2] }).apply(tf.tensor4d([1, 2, 3], [1, 1, 3, 1]));
 * console.log(y.reshape([-1]).arraySync()); // [1, 1, 1, 2, 3, 3, 3]
 * ```
 */
export class ReplicatePad2D extends PadLayer {
  static override readonly className: string = 'Convolutions>ReplicatePad2D';

  protected readonly mode = 'replicate';

  constructor(args: ReplicatePad2DArgs = {}) {
    super(args);
  }
}
