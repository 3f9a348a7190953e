/** Dropout layer whose mask is a kernel: the same on every backend. No weights. */
import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../errors.js';
import { applyDropout } from '../ops/dropout/apply.js';
import { checkNoiseShape, resolveNoiseShape, type NoiseShape } from '../ops/dropout/noise_shape.js';
import { identity } from '../ops/identity/op.js';
import { BaseLayer, toShapes } from './base_layer.js';
import { isAbsent, type LayerArgs } from './config.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { nextKey, readSeed, type SeededLayer } from './seeded_layer.js';

/** Arguments of {@link Dropout}. */
export interface DropoutArgs extends LayerArgs {
  /** Fraction of the elements to drop, in [0, 1). */
  rate: number;
  /**
   * Shape of the mask, batch axis included: 1 to drop along the whole axis at once, null for the length of the input.
   * @default the shape of the input
   */
  noiseShape?: NoiseShape;
  /** Seed of the masks, an integer from 0 to 2³² − 1. @default drawn from `Math.random()` at each call */
  seed?: number;
}

/**
 * Dropout: in training mode, sets each element to 0 with probability `rate` and multiplies the others by 1 / (1 − rate);
 * in inference mode, returns its input. Accepts inputs of any shape.
 *
 * With a `seed`, the mask of the n-th training call of this layer object depends on (seed, n) alone: another layer with the
 * same seed drops the same elements, and a loaded model starts anew. Without one, each call draws its mask from
 * `Math.random()`, which a `Trainer` seeds by the step. In either case a run resumed from a checkpoint draws the same masks
 * as one that was not interrupted.
 *
 * @throws TypeError for an unknown option or a wrong type; RangeError for a value out of range
 * @see Srivastava et al., "Dropout" (2014); keras.layers.Dropout
 * @example
 * ```ts
 * const layer = conv.layers.dropout({ rate: 0.5, seed: 3 });
 * const y = layer.apply(tf.ones([1, 8]), { training: true }) as tf.Tensor;
 * console.log(y.arraySync()); // [[2, 0, 2, 2, 0, 2, 0, 2]]
 * ```
 */
export class Dropout extends BaseLayer implements SeededLayer {
  static override readonly className: string = 'Convolutions>Dropout';

  readonly rate: number;
  readonly noiseShape: NoiseShape | undefined;
  readonly seed: number | undefined;
  /** Number of masks drawn with the seed, modulo 2³²; part of a checkpoint. */
  drawn = 0;

  constructor(args: DropoutArgs) {
    super(args);
    this.rate = checkNumber(this.action, 'rate', args.rate, { from: 0, below: 1 });
    this.noiseShape = isAbsent(args.noiseShape) ? undefined : checkNoiseShape(this.action, args.noiseShape);
    this.seed = readSeed(this.action, args.seed);
    this.supportsMasking = true;
    this.checkOptions(args);
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    resolveNoiseShape(this.action, this.noiseShape, toShapes(inputShape)[0]!);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      return kwargs['training'] === true ? applyDropout(this.action, x, this, () => nextKey(this)) : identity(x);
    });
  }

  describe(): LayerDescription {
    return { windows: [POINTWISE_WINDOW] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      rate: this.rate,
      noiseShape: this.noiseShape === undefined ? null : [...this.noiseShape],
      seed: this.seed ?? null,
      ...super.getConfig(),
    };
  }
}
