/** Random rotations of images in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { between, factorConfig, readFactor, type Factor } from './augmentation_layer.js';
import { GeometricLayer, type BatchSize, type GeometricArgs } from './geometric_layer.js';
import type { Locations } from './warp.js';

/** Arguments of {@link RandomRotation}. */
export interface RandomRotationArgs extends GeometricArgs {
  /** Limit of the angle, as a fraction of a full turn, from −1 to 1, counterclockwise: −factor to factor, or [lower, upper]. */
  factor: Factor;
}

/**
 * Rotates each image about its centre by a random angle in training mode; returns its input in inference mode.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.RandomRotation
 * @example
 * ```ts
 * const layer = conv.layers.randomRotation({ factor: [0.5, 0.5] });
 * const y = layer.apply(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), { training: true }) as tf.Tensor;
 * console.log(y.round().flatten().arraySync()); // [4, 3, 2, 1]
 * ```
 */
export class RandomRotation extends GeometricLayer {
  static override readonly className: string = 'Convolutions>RandomRotation';

  readonly factor: Factor;
  private readonly limits: readonly [number, number];

  constructor(args: RandomRotationArgs) {
    super(args);
    this.factor = args.factor;
    this.limits = readFactor(this.action, 'factor', args.factor, { from: -1, to: 1 });
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { factor: factorConfig(this.factor), ...super.getConfig() };
  }

  protected override draw({ count, height, width }: BatchSize): (rows: tf.Tensor3D, columns: tf.Tensor3D) => Locations {
    const turn = tf.reshape<tf.Rank.R3>(between(this.uniform(count, 1), this.limits), [-1, 1, 1]);
    const angle = tf.mul(turn, 2 * Math.PI);
    const [cos, sin] = [tf.cos(angle), tf.sin(angle)];
    const [centreY, centreX] = [(height - 1) / 2, (width - 1) / 2];
    return (rows, columns) => {
      const [y, x] = [tf.sub(rows, centreY), tf.sub(columns, centreX)];
      return [
        tf.add(tf.add(tf.mul(sin, x), tf.mul(cos, y)), centreY),
        tf.add(tf.sub(tf.mul(cos, x), tf.mul(sin, y)), centreX),
      ];
    };
  }
}
