/** Random zooms of images in training. No weights. */
import * as tf from '@tensorflow/tfjs';
import { between, factorConfig, readFactor, type Factor } from './augmentation_layer.js';
import { isAbsent } from './config.js';
import { GeometricLayer, type BatchSize, type GeometricArgs } from './geometric_layer.js';
import type { Locations } from './warp.js';

/** Arguments of {@link RandomZoom}. */
export interface RandomZoomArgs extends GeometricArgs {
  /**
   * Limit of the vertical zoom, above −1 and up to 1: −factor to factor, or [lower, upper]. At z the output shows 1 + z of
   * the height: positive numbers zoom out.
   */
  heightFactor: Factor;
  /** Limit of the horizontal zoom. @default that of the vertical one, with the same random number */
  widthFactor?: Factor;
}

/**
 * Zooms each image about its centre by a random factor in training mode; returns its input in inference mode. Without a
 * `widthFactor` the aspect ratio is kept.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see keras.layers.RandomZoom
 * @example
 * ```ts
 * const layer = conv.layers.randomZoom({ heightFactor: [1, 1], fillMode: 'constant', interpolation: 'nearest' });
 * const y = layer.apply(tf.tensor4d([1, 2, 3, 4, 5], [1, 1, 5, 1]), { training: true }) as tf.Tensor;
 * console.log(y.flatten().arraySync()); // [0, 1, 3, 5, 0]
 * ```
 */
export class RandomZoom extends GeometricLayer {
  static override readonly className: string = 'Convolutions>RandomZoom';

  readonly heightFactor: Factor;
  readonly widthFactor: Factor | undefined;
  private readonly limits: readonly (readonly [number, number])[];

  constructor(args: RandomZoomArgs) {
    super(args);
    const read = (name: 'heightFactor' | 'widthFactor'): readonly [number, number] =>
      readFactor(this.action, name, args[name], { above: -1, to: 1 });
    this.heightFactor = args.heightFactor;
    this.widthFactor = isAbsent(args.widthFactor) ? undefined : args.widthFactor;
    this.limits = this.widthFactor === undefined ? [read('heightFactor')] : [read('heightFactor'), read('widthFactor')];
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      heightFactor: factorConfig(this.heightFactor),
      widthFactor: this.widthFactor === undefined ? null : factorConfig(this.widthFactor),
      ...super.getConfig(),
    };
  }

  protected override draw({ count, height, width }: BatchSize): (rows: tf.Tensor3D, columns: tf.Tensor3D) => Locations {
    const { limits } = this;
    const zooms = tf
      .split(this.uniform(count, limits.length), limits.length, 1)
      .map((uniform, axis) => tf.reshape<tf.Rank.R3>(tf.add(between(uniform, limits[axis]!), 1), [-1, 1, 1]));
    const along = (positions: tf.Tensor3D, zoom: tf.Tensor3D, length: number): tf.Tensor3D => {
      const centre = (length - 1) / 2;
      return tf.add(tf.mul(tf.sub(positions, centre), zoom), centre);
    };
    return (rows, columns) => [along(rows, zooms[0]!, height), along(columns, zooms.at(-1)!, width)];
  }
}
