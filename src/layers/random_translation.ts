/** Random translations of images in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { between, factorConfig, readFactor, type Factor } from './augmentation_layer.js';
import { GeometricLayer, type BatchSize, type GeometricArgs } from './geometric_layer.js';
import type { Locations } from './warp.js';

/** Arguments of {@link RandomTranslation}. */
export interface RandomTranslationArgs extends GeometricArgs {
  /** Limit of the shift downwards, as a fraction of the height, from −1 to 1: −factor to factor, or [lower, upper]. */
  heightFactor: Factor;
  /** Limit of the shift to the right, as a fraction of the width. */
  widthFactor: Factor;
}

/**
 * Shifts each image by a random distance in training mode; returns its input in inference mode.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.RandomTranslation
 * @example
 * ```ts
 * const layer = conv.layers.randomTranslation({ heightFactor: 0, widthFactor: [0.25, 0.25], fillMode: 'constant' });
 * const y = layer.apply(tf.tensor4d([1, 2, 3, 4], [1, 1, 4, 1]), { training: true }) as tf.Tensor;
 * console.log(y.flatten().arraySync()); // [0, 1, 2, 3]
 * ```
 */
export class RandomTranslation extends GeometricLayer {
  static override readonly className: string = 'Convolutions>RandomTranslation';

  readonly heightFactor: Factor;
  readonly widthFactor: Factor;
  private readonly limits: readonly (readonly [number, number])[];

  constructor(args: RandomTranslationArgs) {
    super(args);
    this.heightFactor = args.heightFactor;
    this.widthFactor = args.widthFactor;
    this.limits = (['heightFactor', 'widthFactor'] as const).map((name) =>
      readFactor(this.action, name, args[name], { from: -1, to: 1 }),
    );
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      heightFactor: factorConfig(this.heightFactor),
      widthFactor: factorConfig(this.widthFactor),
      ...super.getConfig(),
    };
  }

  protected override draw({ count, height, width }: BatchSize): (rows: tf.Tensor3D, columns: tf.Tensor3D) => Locations {
    const [down, right] = tf.split(this.uniform(count, 2), 2, 1).map((uniform, axis) => {
      const shift = tf.mul(between(uniform, this.limits[axis]!), [height, width][axis]!);
      return tf.reshape<tf.Rank.R3>(shift, [-1, 1, 1]);
    });
    return (rows, columns) => [tf.sub(rows, down!), tf.sub(columns, right!)];
  }
}
