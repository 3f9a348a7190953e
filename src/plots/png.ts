/**
 * Small images as PNG data URLs, for pictures that show pixels. The pixels are stored without compression, which needs
 * no library in any environment. PNG: ISO/IEC 15948; zlib and stored blocks: RFC 1950, RFC 1951.
 */
import { crc32 } from '../support/crc32.js';

import { checkInteger, checkNumber, rangeError, typeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;
const STORED_BLOCK_BYTES = 0xffff;
/** PNG's colour types by number of channels. */
const COLOUR_TYPES = { 1: 0, 3: 2 } as const;

/** Pixels of one image. */
export interface Pixels {
  /** Values from 0 to 255, [height, width, channels]. */
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: 1 | 3;
}

/** Encodes an image as `data:image/png;base64,…`. */
export function pngDataUrl(pixels: Pixels): string {
  checkOptions(ACTION, pixels, PIXELS);
  checkPixels(pixels);
  const binary = Array.from(encodePng(pixels), (byte) => String.fromCharCode(byte)).join('');
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

/** Encodes a PNG file. */
export function encodePng({ values, height, width, channels }: Pixels): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOUR_TYPES[channels]], 8);
  const rowBytes = width * channels;
  const rows = new Uint8Array(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    // Each row starts with its filter type: 0, none.
    for (let i = 0; i < rowBytes; i++) {
      rows[y * (rowBytes + 1) + 1 + i] = Math.min(Math.max(Math.round(values[y * rowBytes + i]!), 0), 255);
    }
  }
  return concat([
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', header),
    chunk('IDAT', storeZlib(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = concat([Uint8Array.from(type, (letter) => letter.charCodeAt(0)), data]);
  return concat([bigEndian(data.length), named, bigEndian(crc32(named))]);
}

/** A zlib stream of stored blocks. */
function storeZlib(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let start = 0; start < data.length; start += STORED_BLOCK_BYTES) {
    const block = data.subarray(start, start + STORED_BLOCK_BYTES);
    const isLast = start + STORED_BLOCK_BYTES >= data.length ? 1 : 0;
    const { length } = block;
    parts.push(Uint8Array.of(isLast, length & 0xff, length >>> 8, ~length & 0xff, (~length >>> 8) & 0xff), block);
  }
  return concat([...parts, bigEndian(adler32(data))]);
}

function adler32(data: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
