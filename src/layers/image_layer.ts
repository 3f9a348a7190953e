/**
 * Base class of layers over images: data format, shapes, and weights that depend on the number of channels.
 *
 * Inside, images are [n, h, w, c]; a `channelsFirst` layer transposes its inputs and outputs.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError, typeError, type Action } from '../errors.js';
import { checkElements } from '../kernel/sizes.js';
import { BaseLayer, toShapes } from './base_layer.js';
import { isAbsent, toDataFormat, type DataFormat, type LayerArgs } from './config.js';

/** Arguments of every layer over images. */
export interface ImageLayerArgs extends LayerArgs {
  /** @default 'channelsLast' */
  dataFormat?: DataFormat;
}

/** Keyword arguments of `call`. */
export type CallArgs = Record<string, unknown>;

/** One or more image batches, channels last. */
export type Images = readonly [tf.Tensor4D, ...tf.Tensor4D[]];

/** Size of one image, channels last. */
export interface ImageSize {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
}

/** [height, width, channels] of an output; `null` for an unknown size. */
export type OutputSize = readonly [number | null, number | null, number];

/** Permutation from [n, c, h, w] to [n, h, w, c], and back. */
const TO_LAST = [0, 2, 3, 1];
const TO_FIRST = [0, 3, 1, 2];

/** Layer over images in either data format. */
export abstract class ImageLayer extends BaseLayer {
  readonly dataFormat: DataFormat;

  constructor(args: ImageLayerArgs) {
    super(args);
    this.dataFormat = toDataFormat(this.action, args.dataFormat);
  }

  /** Computes the output from image batches, channels last. */
  protected abstract compute(images: Images, call: CallArgs): tf.Tensor4D;

  /** Output size for an image of the given size. */
  protected abstract outputSize(height: number | null, width: number | null, channels: number): OutputSize;

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const shapes = toShapes(inputShape).map((shape) => toLastShape(this.action, shape, this.dataFormat));
    // Refuses impossible sizes before any weight is allocated.
    this.computeOutputShape(inputShape);
    this.buildWeights?.(knownChannels(this.action, shapes[0], inputShape));
    const axis = this.dataFormat === 'channelsFirst' ? 1 : 3;
    this.inputSpec = shapes.map((shape) => {
      const channels = shape[3];
      return new tf.InputSpec({ ndim: 4, ...(isAbsent(channels) ? {} : { axes: { [axis]: channels } }) });
    });
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArgs): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      return fromLast(this.compute(this.toImages(inputs), kwargs), this.dataFormat);
    });
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const image = toShapes(inputShape)[0];
    if (image === undefined) throw typeError(this.action, 'an input is required', 'inputs', inputShape);
    const shape = toLastShape(this.action, image, this.dataFormat);
    const [batch = null, height = null, width = null] = shape;
    const size = this.outputSize(height, width, knownChannels(this.action, shape, image));
    checkElements(this.action, 'output', [batch, ...size]);
    return fromLastShape([batch, ...size], this.dataFormat);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { dataFormat: this.dataFormat, ...super.getConfig() };
  }

  /** Creates the weights, if any. */
  protected buildWeights?(inChannels: number): void;

  /** Converts the inputs to image batches, channels last. */
  protected toImages(inputs: tf.Tensor | tf.Tensor[]): Images {
    const images = (Array.isArray(inputs) ? inputs : [inputs]) as tf.Tensor4D[];
    return images.map((image) => toLast(image, this.dataFormat)) as unknown as Images;
  }

  /** Size of the first input, for the analysis. */
  protected imageSize(inputShapes: readonly tf.Shape[]): ImageSize {
    const [, inHeight, inWidth, inChannels] = toLastShape(this.action, inputShapes[0] ?? [], this.dataFormat);
    if (isAbsent(inHeight) || isAbsent(inWidth) || isAbsent(inChannels)) {
      throw rangeError(`describe layer '${this.name}'`, 'all sizes must be known', 'input shape', inputShapes[0]);
    }
    return { inHeight, inWidth, inChannels };
  }
}

/** Converts an image batch of the given format to channels last. */
export function toLast(image: tf.Tensor4D, format: DataFormat): tf.Tensor4D {
  return format === 'channelsFirst' ? tf.transpose(image, TO_LAST) : image;
}

/** Converts an image batch from channels last to the given format. */
export function fromLast(image: tf.Tensor4D, format: DataFormat): tf.Tensor4D {
  return format === 'channelsFirst' ? tf.transpose(image, TO_FIRST) : image;
}

/** Converts the shape of an image batch of the given format to channels last. */
export function toLastShape(action: Action, shape: tf.Shape, format: DataFormat): tf.Shape {
  if (shape.length !== 4) {
    throw rangeError(action, 'inputs must be image batches of rank 4', 'input shape', shape);
  }
  return format === 'channelsFirst' ? TO_LAST.map((axis) => shape[axis] ?? null) : shape;
}

/** Converts a shape from channels last to the given format. */
export function fromLastShape(shape: tf.Shape, format: DataFormat): tf.Shape {
  return format === 'channelsFirst' ? TO_FIRST.map((axis) => shape[axis] ?? null) : shape;
}

/** Number of channels of a shape with channels last. */
export function knownChannels(action: Action, shape: tf.Shape | undefined, received: unknown): number {
  const channels = shape?.[3];
  if (isAbsent(channels)) {
    throw rangeError(action, 'the number of input channels must be known', 'input shape', received);
  }
  return channels;
}
