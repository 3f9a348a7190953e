/** Normalization of images by statistics that are given. No weights. */
import * as tf from '@tensorflow/tfjs';
import { checkNumber, rangeError, typeError, type Range } from '../errors.js';
import { BaseLayer, toShapes } from './base_layer.js';
import { toBoolean, type LayerArgs } from './config.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { deviationOf } from './deviation.js';
import { featureAxisOf, readFeatureAxis } from './feature_axis.js';

/** Arguments of {@link Normalization}. */
export interface NormalizationArgs extends LayerArgs {
  /** Axis with statistics of its own; negative values count from the end. @default -1 */
  axis?: number;
  /** Mean of the values before: one number, or one for each place along the axis. */
  mean: number | readonly number[];
  /** Their variance, likewise; at least 0. */
  variance: number | readonly number[];
  /** True turns normalized values back into those before. @default false */
  invert?: boolean;
}

/**
 * `(x − mean) / √variance` or, inverted, `x · √variance + mean`, with a deviation of at least 1e-7. Keras can also learn the
 * statistics from data (`adapt`), which end up in the file of a model; here they are options, such as those of ImageNet. Accepts
 * inputs of any shape [n, …].
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range, and for as many numbers as the
 * axis does not have
 * @see keras.layers.Normalization
 * @example
 * ```ts
 * const layer = conv.layers.normalization({ mean: [100, 120], variance: [25, 4] });
 * console.log(layer.apply(tf.tensor2d([[110, 118]])).arraySync()); // [[2, -1]]
 * ```
 */
export class Normalization extends BaseLayer {
  static override readonly className: string = 'Convolutions>Normalization';

  readonly axis: number;
  readonly mean: number | readonly number[];
  readonly variance: number | readonly number[];
  readonly invert: boolean;
  private readonly deviation: number | readonly number[];

  constructor(args: NormalizationArgs) {
    super(args);
    this.axis = readFeatureAxis(this.action, args.axis);
    this.mean = this.readStatistic('mean', args.mean);
    this.variance = this.readStatistic('variance', args.variance, { from: 0 });
    this.deviation = deviationOf(this.variance);
    this.invert = toBoolean(this.action, 'invert', args.invert, false);
    this.supportsMasking = true;
    this.checkOptions(args);
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    this.statisticsShape(toShapes(inputShape)[0]!);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      const shape = this.statisticsShape(x.shape);
      const [mean, deviation] = [this.mean, this.deviation].map((values) =>
        typeof values === 'number' ? tf.scalar(values) : tf.tensor(values, shape, 'float32'),
      ) as [tf.Tensor, tf.Tensor];
      return this.invert ? tf.add(tf.mul(x, deviation), mean) : tf.div(tf.sub(x, mean), deviation);
    });
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const elements = (inputShapes[0] ?? []).slice(1).reduce<number>((product, size) => product * (size ?? NaN), 1);
    return { otherOps: { normalization: elements }, windows: [POINTWISE_WINDOW] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const listed = (values: number | readonly number[]): number | number[] =>
      typeof values === 'number' ? values : [...values];
    return {
      axis: this.axis,
      mean: listed(this.mean),
      variance: listed(this.variance),
      invert: this.invert,
      ...super.getConfig(),
    };
  }

  private readStatistic(name: string, values: unknown, range: Range = {}): number | readonly number[] {
    if (!Array.isArray(values)) return checkNumber(this.action, name, values, range);
    const rule = `${name} must be a number or a list of numbers`;
    if (values.length === 0) throw typeError(this.action, rule, name, values);
    return values.map((value) => checkNumber(this.action, name, value, range));
  }

  /** Shape of the statistics beside an input: the size of the axis, and 1 for all others. */
  private statisticsShape(shape: tf.Shape): number[] {
    const axis = featureAxisOf(this.action, this.axis, shape.length);
    const size = shape[axis];
    for (const name of ['mean', 'variance'] as const) {
      const values = this[name];
      if (typeof values === 'number' || values.length === size) continue;
      const rule = `${name} must be one number, or one for each of the ${size ?? 'known'} places along axis ${axis}`;
      throw rangeError(this.action, rule, name, values);
    }
    return shape.map((_, other) => (other === axis ? size! : 1));
  }
}
