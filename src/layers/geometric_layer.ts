/** Base class of layers that move the content of images at random in training. No weights. */
import type * as tf from '@tensorflow/tfjs';
import { checkNumber, checkOneOf } from '../errors.js';
import { AugmentationLayer, type AugmentationArgs } from './augmentation_layer.js';
import { INTERPOLATIONS, type Interpolation } from './resize_layer.js';
import { FILL_MODES, warp, type FillMode, type Locations } from './warp.js';

/** Arguments of every layer that moves the content of images. */
export interface GeometricArgs extends AugmentationArgs {
  /**
   * Values outside of the image: `'constant'` for `fillValue`, `'nearest'` for the border, `'reflect'` for the image
   * reflected about its border (d c b a | a b c d | d c b a), `'wrap'` for the image repeated. @default 'reflect'
   */
  fillMode?: FillMode;
  /** Value outside of the image with `fillMode: 'constant'`. @default 0 */
  fillValue?: number;
  /** @default 'bilinear' */
  interpolation?: Interpolation;
}

/** Size of the images of a batch. */
export interface BatchSize {
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** Layer that samples each image at locations drawn at random. */
export abstract class GeometricLayer extends AugmentationLayer {
  readonly fillMode: FillMode;
  readonly fillValue: number;
  readonly interpolation: Interpolation;

  constructor(args: GeometricArgs) {
    super(args);
    this.fillMode = checkOneOf(this.action, 'fillMode', args.fillMode ?? 'reflect', FILL_MODES);
    this.fillValue = checkNumber(this.action, 'fillValue', args.fillValue ?? 0);
    this.interpolation = checkOneOf(this.action, 'interpolation', args.interpolation ?? 'bilinear', INTERPOLATIONS);
  }

  /** Draws a motion; the result computes the locations to sample from the output's rows and columns. */
  protected abstract draw(size: BatchSize): (rows: tf.Tensor3D, columns: tf.Tensor3D) => Locations;

  override getConfig(): tf.serialization.ConfigDict {
    return {
      fillMode: this.fillMode,
      fillValue: this.fillValue,
      interpolation: this.interpolation,
      ...super.getConfig(),
    };
  }

  protected override augment(x: tf.Tensor4D): tf.Tensor4D {
    const [count, height, width] = x.shape;
    return warp(x, this.draw({ count, height, width }), this);
  }
}
