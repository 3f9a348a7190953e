/** Base class of layers that change the values of pixels at random, and clip them. */
import * as tf from '@tensorflow/tfjs';
import type { Range } from '../errors.js';
import { AugmentationLayer, factorConfig, readFactor, readLimits, type Factor } from './augmentation_layer.js';
import type { AugmentationArgs } from './augmentation_layer.js';

/** Arguments of every layer that changes the values of pixels. */
export interface RecolorArgs extends AugmentationArgs {
  /** Limit of the change. */
  factor: Factor;
  /** Smallest and largest value of a pixel, to which the results are clipped. @default [0, 255] */
  valueRange?: readonly [number, number];
}

/** Layer that changes the values of pixels. */
export abstract class RecolorLayer extends AugmentationLayer {
  readonly factor: Factor;
  readonly valueRange: readonly [number, number];
  /** Lower and upper limit of the change. */
  protected readonly limits: readonly [number, number];

  /** @param range values that the limits may have */
  protected constructor(args: RecolorArgs, range: Range) {
    super(args);
    this.limits = readFactor(this.action, 'factor', args.factor, range);
    this.factor = args.factor;
    this.valueRange = readLimits(this.action, 'valueRange', args.valueRange ?? [0, 255]);
    this.checkOptions(args);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { factor: factorConfig(this.factor), valueRange: [...this.valueRange], ...super.getConfig() };
  }

  protected clip(x: tf.Tensor4D): tf.Tensor4D {
    return tf.clipByValue(x, ...this.valueRange);
  }
}
