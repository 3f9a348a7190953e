/**
 * Preprocessing of images, decided once: `train` records it in the model, and evaluation, prediction, the page and exports
 * follow it. Transparent pixels get the background, the image is fitted to the size, and its values are scaled.
 */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, checkNumber, checkOneOf, rangeError, typeError, type Action } from '../errors.js';
import { checkFields } from '../support/check_fields.js';
import { checkModel } from '../support/check_model.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { FITS, type Fit } from './fits.js';

export type { Fit };

/** Red, green and blue, from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Preprocessing of images for one model. */
export interface Preprocessing {
  /** Height of the model's input in pixels. */
  readonly height: number;
  /** Width of the model's input in pixels. */
  readonly width: number;
  /** Channels of the model's input: 1 for greyscale, 3 for colour. */
  readonly channels: 1 | 3;
  /**
   * Fit of an image with another aspect ratio: `'crop'` scales it to cover the input and keeps the middle, `'stretch'`
   * distorts it, `'contain'` scales it to fit inside and fills the rest with the background.
   */
  readonly fit: Fit;
  /** Colour under transparent pixels and, with `'contain'`, beside the image. */
  readonly background: Colour;
  /** The model takes pixel · scale + offset, for pixels from 0 to 255; one number, or one for each channel. */
  readonly scale: number | readonly number[];
  /** See `scale`. */
  readonly offset: number | readonly number[];
}

/** The part of {@link Preprocessing} that users choose, in the terms of the field. */
export interface PreprocessingOptions {
  /**
   * Fit of an image with another aspect ratio: `'crop'` scales it to cover the input and keeps the middle, `'stretch'`
   * distorts it, `'contain'` scales it to fit inside and fills the rest with the background. @default 'crop'
   */
  readonly fit?: Fit;
  /** Red, green and blue, from 0 to 255, under transparent pixels and around a contained image. @default white */
  readonly background?: Colour;
  /** Values that the model takes for black and for white. @default [−1, 1] */
  readonly range?: readonly [black: number, white: number];
  /** In place of `range`: mean to subtract from pixels from 0 to 1, one number or one for each channel. */
  readonly mean?: number | readonly number[];
  /** With `mean`: standard deviation to divide by, one number or one for each channel. @default 1 */
  readonly std?: number | readonly number[];
}

/** Names of {@link PreprocessingOptions}. */
export const PREPROCESSING_OPTIONS = {
  fit: true,
  background: true,
  range: true,
  mean: true,
  std: true,
} as const satisfies OptionNames<PreprocessingOptions>;

/** Names of the fields of {@link Preprocessing}. */
export const PREPROCESSING_FIELDS = {
  height: true,
  width: true,
  channels: true,
  fit: true,
  background: true,
  scale: true,
  offset: true,
} as const satisfies OptionNames<Preprocessing>;

const WHITE: Colour = [255, 255, 255];
const BLACK: Colour = [0, 0, 0];
/** Values that a model takes for black and for white, as the networks of keras.applications do. */
const DEFAULT_RANGE = [-1, 1] as const;
/** Height and width for a model that takes any and records none, in pixels. */
export const ANY_SIZE = 224;
const ACTION = 'read the preprocessing';

/** Size and channels of an input. */
export type ImageShape = Pick<Preprocessing, 'height' | 'width' | 'channels'>;

/** Completes {@link PreprocessingOptions}, which it checks, for an input of this shape. */
export function choosePreprocessing(action: Action, shape: ImageShape, options: PreprocessingOptions): Preprocessing {
  const { height, width, channels } = shape;
  const { fit = 'crop', background = WHITE, range, mean, std } = options;
  checkOneOf(action, 'fit', fit, FITS);
  checkColour(action, 'background', background);
  const base = { height, width, channels, fit, background };
  if (mean === undefined && std !== undefined) {
    throw typeError(action, 'std must come with mean', 'std', std);
  }
  if (mean === undefined) return { ...base, ...ofRange(action, range ?? DEFAULT_RANGE) };
  if (range !== undefined) throw typeError(action, 'range must not come with mean', 'range', range);
  return { ...base, ...ofMean(action, channels, mean, std ?? 1) };
}

type Scaling = Pick<Preprocessing, 'scale' | 'offset'>;

function ofRange(action: Action, range: unknown): Scaling {
  if (!Array.isArray(range) || range.length !== 2) {
    throw typeError(action, 'range must be two numbers, for black and for white', 'range', range);
  }
  const [black, white] = range.map((value: unknown) => checkNumber(action, 'range', value)) as [number, number];
  if (!(black < white)) throw rangeError(action, 'range must ascend', 'range', range);
  return { scale: (white - black) / 255, offset: black };
}

function ofMean(action: Action, channels: number, mean: unknown, std: unknown): Scaling {
  const [means, deviations] = [perChannel(action, 'mean', mean, channels), perChannel(action, 'std', std, channels)];
  const wrong = deviations.find((value) => !(value > 0));
  if (wrong !== undefined) throw rangeError(action, 'std must be above 0', 'std', wrong);
  return {
    scale: brief(deviations.map((value) => 1 / (255 * value))),
    offset: brief(means.map((value, channel) => -value / deviations[channel]!)),
  };
}

/** One number for each channel, checked. */
function perChannel(action: Action, name: string, given: unknown, channels: number): number[] {
  const values: readonly unknown[] = Array.isArray(given) ? given : new Array<unknown>(channels).fill(given);
  if (values.length !== channels) {
    throw rangeError(action, `${name} must be one number, or one for each of ${channels} channels`, name, given);
  }
  return values.map((value) => checkNumber(action, name, value));
}

/** One number for all channels if they have the same. */
function brief(values: readonly number[]): number | readonly number[] {
  return values.every((value) => value === values[0]) ? values[0]! : values;
}

function checkColour(action: Action, name: string, colour: unknown): void {
  if (!Array.isArray(colour) || colour.length !== 3) {
    throw typeError(action, `${name} must be red, green and blue, from 0 to 255`, name, colour);
  }
  for (const value of colour) checkInteger(action, name, value, 0, 255);
}

/**
 * The preprocessing that a model expects: recorded in it by `train` and by the page, or else a guess: images are cropped
 * and scaled to [−1, 1], as the networks of keras.applications and of this package expect.
 *
 * @param model model with one input of images [height, width, channels]
 * @param size height and width for a model that takes any and records none, in pixels
 * @returns the preprocessing, for `prepareImage` and `loadImageFolder`
 * @throws RangeError if the model takes no images of 1 or 3 channels; TypeError or RangeError if what it records is invalid
 * @example
 * ```ts
 * import { preprocessingOf } from 'tfjs-convolutions/training';
 *
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [96, 96, 3] });
 * const { height, fit, background, offset } = preprocessingOf(model);
 * console.log(height, fit, background, offset); // 96 crop [255, 255, 255] -1
 * ```
 */
export function preprocessingOf(model: tf.LayersModel, size: number = ANY_SIZE): Preprocessing {
  checkModel(ACTION, model);
  checkInteger(ACTION, 'size', size, 1);
  const notes = model.getUserDefinedMetadata() as Readonly<Record<string, unknown>> | undefined;
  const { preprocessing, classNames } = notes ?? {};
  const [, height, width, channels] = inputShapeOf(model);
  if (preprocessing !== undefined) {
    const recorded = checkPreprocessing(ACTION, preprocessing);
    // The recorded size is that of training; a model that takes any has no other.
    return { ...recorded, height: height ?? recorded.height, width: width ?? recorded.width };
  }
  const shape = { height: height ?? size, width: width ?? size, channels };
  // Runs before the preprocessing was recorded stretched their images and laid transparent ones on black.
  const isOld = Array.isArray(classNames);
  return choosePreprocessing(ACTION, shape, isOld ? { fit: 'stretch', background: BLACK } : {});
}

function inputShapeOf({ inputs }: tf.LayersModel): readonly [null, number | null, number | null, 1 | 3] {
  const [shape] = inputs.map((input) => input.shape);
  const channels = shape?.[3];
  if (inputs.length === 1 && shape?.length === 4 && (channels === 1 || channels === 3)) {
    return shape as [null, number | null, number | null, 1 | 3];
  }
  const received = inputs.map((input) => `[${input.shape.slice(1).join(', ')}]`).join(', ');
  const rule = 'the model must take images [height, width, channels] with 1 or 3 channels';
  throw rangeError(ACTION, rule, 'inputs', received);
}

/** Returns a recorded preprocessing if it is complete and valid; throws otherwise. */
export function checkPreprocessing(action: Action, value: unknown): Preprocessing {
  checkOptions(action, value, PREPROCESSING_FIELDS, { of: 'preprocessing' });
  const { height, width, channels, fit, background, scale, offset } = value as Record<string, unknown>;
  checkInteger(action, 'preprocessing.height', height, 1);
  checkInteger(action, 'preprocessing.width', width, 1);
  if (channels !== 1 && channels !== 3) {
    throw rangeError(action, 'channels must be 1 or 3', 'preprocessing.channels', channels);
  }
  checkOneOf(action, 'preprocessing.fit', fit, FITS);
  checkColour(action, 'preprocessing.background', background);
  perChannel(action, 'preprocessing.scale', scale, channels);
  perChannel(action, 'preprocessing.offset', offset, channels);
  return value as Preprocessing;
}

/** Position and size of an image on the input that it is fitted to, in pixels; it may reach beyond the input. */
export interface Placement {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Places an image on an input, for programs that draw images themselves, such as a page on a canvas.
 *
 * @param image height and width of the image in pixels
 * @param preprocessing size of the input, and the fit
 * @returns where to draw the whole image, in whole pixels: with `'crop'`, parts of it lie outside the input
 * @example
 * ```ts
 * import { placeImage } from 'tfjs-convolutions/training';
 *
 * const { top, left, width } = placeImage({ height: 100, width: 300 }, { height: 32, width: 32, fit: 'crop' });
 * console.log(top, left, width); // 0 -32 96
 * ```
 */
export function placeImage(
  image: { readonly height: number; readonly width: number },
  preprocessing: Pick<Preprocessing, 'height' | 'width' | 'fit'>,
): Placement {
  const action = 'place the image';
  checkFields(action, 'image', image, 'an object with height and width', ['height', 'width']);
  checkFields(action, 'preprocessing', preprocessing, 'an object with height, width and fit', ['height', 'width']);
  const { height, width, fit } = preprocessing;
  for (const size of [image.height, image.width, height, width]) checkInteger(action, 'size', size, 1);
  checkOneOf(action, 'fit', fit, FITS);
  if (fit === 'stretch') return { top: 0, left: 0, height, width };
  const ratios = [height / image.height, width / image.width] as const;
  const ratio = fit === 'crop' ? Math.max(...ratios) : Math.min(...ratios);
  const [h, w] = [image.height, image.width].map((side) => Math.max(1, Math.round(side * ratio))) as [number, number];
  // Whole pixels, and the middle as sharp finds it.
  const middle = (outside: number, inside: number): number => {
    const rest = outside - inside;
    return rest < 0 ? -Math.floor((1 - rest) / 2) : Math.floor(rest / 2);
  };
  return { top: middle(height, h), left: middle(width, w), height: h, width: w };
}

/**
 * Scales pixels from 0 to 255 to what a model takes, in place.
 *
 * @param pixels values with the channels last
 * @param preprocessing scale and offset
 */
export function scalePixels(pixels: Float32Array, preprocessing: ChannelScaling): void {
  const action = 'scale pixels';
  if (Object.prototype.toString.call(pixels) !== '[object Float32Array]') {
    throw typeError(action, 'pixels must be a Float32Array', 'pixels', pixels);
  }
  checkFields(action, 'preprocessing', preprocessing, 'an object with channels, scale and offset', [
    'channels',
    'scale',
  ]);
  const { channels, scale, offset } = preprocessing;
  const scales = perChannel(action, 'scale', scale, checkInteger(action, 'channels', channels, 1));
  const offsets = perChannel(action, 'offset', offset, channels);
  for (let channel = 0; channel < channels; channel++) {
    const [factor, shift] = [scales[channel]!, offsets[channel]!];
    for (let element = channel; element < pixels.length; element += channels) {
      pixels[element] = pixels[element]! * factor + shift;
    }
  }
}

/** The part of {@link Preprocessing} that decoding needs. */
export type Decoding = Pick<Preprocessing, 'height' | 'width' | 'channels' | 'fit' | 'background'>;

/** The part of {@link Preprocessing} that scales values. */
export type ChannelScaling = Pick<Preprocessing, 'scale' | 'offset'> & { readonly channels: number };

/** Scaling to [−1, 1]. */
export const DEFAULT_SCALING: Scaling = ofRange(ACTION, DEFAULT_RANGE);
