/** Base class of layers that change images at random in training, each image of a batch in its own way. No weights. */
import * as tf from '@tensorflow/tfjs';
import { checkNumber, rangeError, typeError, type Action, type Range } from '../errors.js';
import { applyDropout } from '../ops/dropout/apply.js';
import { identity } from '../ops/identity/op.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { ImageLayer, type CallArgs, type ImageLayerArgs, type Images, type OutputSize } from './image_layer.js';
import { nextKey, readSeed, type SeededLayer } from './seeded_layer.js';

/** Limit of a random change: f for −f to f, or [lower, upper]. */
export type Factor = number | readonly [number, number];

/** Arguments of every augmentation layer. */
export interface AugmentationArgs extends ImageLayerArgs {
  /** Seed of the random numbers, an integer from 0 to 2³² − 1. @default drawn from `Math.random()` at each call */
  seed?: number;
}

/** Layer that changes images in training, and returns its input in inference mode. */
export abstract class AugmentationLayer extends ImageLayer implements SeededLayer {
  readonly seed: number | undefined;
  drawn = 0;

  constructor(args: AugmentationArgs) {
    super(args);
    this.seed = readSeed(this.action, args.seed);
  }

  /** Changes images, channels last. */
  protected abstract augment(x: tf.Tensor4D): tf.Tensor4D;

  describe(inputShapes: readonly tf.Shape[]): LayerDescription;
  describe(): LayerDescription {
    return { windows: [POINTWISE_WINDOW] };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { seed: this.seed ?? null, ...super.getConfig() };
  }

  protected override compute([x]: Images, call: CallArgs): tf.Tensor4D {
    return call['training'] === true ? this.augment(x) : identity(x);
  }

  protected override outputSize(height: number | null, width: number | null, channels: number): OutputSize {
    return [height, width, channels];
  }

  /**
   * Draws numbers uniformly from [0, 1), in multiples of 2⁻²⁴: the same ones on every backend, and new ones whenever a
   * captured function is replayed. They are made of the mask of a dropout of one half.
   *
   * @returns [rows, columns]
   */
  protected uniform(rows: number, columns: number): tf.Tensor2D {
    const bits = applyDropout(this.action, tf.ones([rows, columns, BITS]), HALF, () => nextKey(this));
    // A bit that is kept is 2. Sums of different powers of two are exact in any order.
    const weights = tf.tensor1d(Array.from({ length: BITS }, (_, bit) => 2 ** -(bit + 2)));
    return tf.sum(tf.mul(bits, weights), 2);
  }
}

const BITS = 24;
const HALF = { rate: 0.5, noiseShape: undefined } as const;

/** Maps uniform numbers in [0, 1) to [lower, upper). */
export function between<T extends tf.Tensor>(uniform: T, [lower, upper]: readonly [number, number]): T {
  return tf.add(tf.mul(uniform, upper - lower), lower);
}

/** Reads the limits of a random change, lower and upper. */
export function readFactor(action: Action, name: string, value: unknown, range: Range): readonly [number, number] {
  if (!Array.isArray(value)) {
    const factor = Math.abs(checkNumber(action, name, value, range));
    return [-factor, factor];
  }
  return readLimits(action, name, value, range);
}

/** Reads two numbers, lower and upper, in either order. */
export function readLimits(action: Action, name: string, value: unknown, range: Range = {}): readonly [number, number] {
  const rule = `${name} must be a pair of numbers [lower, upper]`;
  if (!Array.isArray(value)) throw typeError(action, rule, name, value);
  if (value.length !== 2) throw rangeError(action, rule, name, value);
  const [first, second] = value.map((each: unknown) => checkNumber(action, name, each, range)) as [number, number];
  return first <= second ? [first, second] : [second, first];
}

/** A factor or a pair of limits as a configuration holds it. */
export function factorConfig(factor: Factor): number | number[] {
  return typeof factor === 'number' ? factor : [...factor];
}
