/** Small images as PNG data URLs, for pictures that show pixels. */
import { checkInteger, checkNumber, rangeError, typeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { loadOptional } from '../support/optional_package.js';

/** Pixels of one image. */
export interface Pixels {
  /** Values from 0 to 255, [height, width, channels]. */
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: 1 | 3;
}

/**
 * Encodes an image as PNG.
 *
 * @param pixels values from 0 to 255, rounded and limited to that range, with height, width and channels
 * @returns `data:image/png;base64,…`
 * @throws TypeError or RangeError if size and values do not fit; MissingPackageError if `fast-png` is not installed
 * @example
 * ```ts
 * import { pngDataUrl } from 'tfjs-convolutions/plots';
 *
 * const url = await pngDataUrl({ values: [0, 255], height: 1, width: 2, channels: 1 });
 * console.log(url.startsWith('data:image/png;base64,')); // true
 * ```
 */
export async function pngDataUrl(pixels: Pixels): Promise<string> {
  checkOptions(ACTION, pixels, PIXELS);
  checkPixels(pixels);
  const binary = Array.from(await encodePng(pixels), (byte) => String.fromCharCode(byte)).join('');
  return `data:image/png;base64,${btoa(binary)}`;
}

const ACTION = 'encode an image';
const PIXELS = { values: true, height: true, width: true, channels: true } as const satisfies OptionNames<Pixels>;

function checkPixels({ values, height, width, channels }: Pixels): void {
  checkInteger(ACTION, 'height', height, 1);
  checkInteger(ACTION, 'width', width, 1);
  if (checkInteger(ACTION, 'channels', channels, 1) !== 1 && channels !== 3) {
    throw rangeError(ACTION, 'channels must be 1 or 3', 'channels', channels);
  }
  const rule = 'values must be the numbers of all pixels, height · width · channels';
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  if (!isList) throw typeError(ACTION, rule, 'values', values);
  const { length } = values;
  if (length !== height * width * channels) throw rangeError(ACTION, rule, 'values.length', length);
  for (let index = 0; index < length; index++) checkNumber(ACTION, `values[${index}]`, values[index]);
}

/** Encodes pixels that have been checked as the bytes of a PNG file. */
export async function encodePng({ values, height, width, channels }: Pixels): Promise<Uint8Array> {
  const encode = await loadPng();
  const data = Uint8Array.from(values, (value) => Math.min(Math.max(Math.round(value), 0), 255));
  return encode({ data, height, width, channels });
}

/**
 * Loads fast-png.
 *
 * @throws MissingPackageError if it is not installed
 */
export async function loadPng(): Promise<(image: ImageData) => Uint8Array> {
  const { encode } = await loadOptional('draw pictures', 'fast-png', () => import('fast-png'));
  return encode;
}

type ImageData = Readonly<Record<'height' | 'width' | 'channels', number>> & { readonly data: Uint8Array };
