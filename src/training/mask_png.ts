/**
 * Reads masks from PNG files as the numbers that they hold: indices of a palette, or grey levels, where image decoders give
 * colours. PNG, third edition (W3C, 2025), without interlacing.
 */
import { inflateSync } from 'node:zlib';
import { CorruptFileError, type Action } from '../errors.js';
import { crc32 } from '../support/crc32.js';

/** Numbers of a mask as its file holds them, [height, width]. */
export interface StoredMask {
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const [GREY, PALETTE] = [0, 3];
/** Most pixels, as of images. */
const MAX_PIXELS = 2 ** 26;
/** Bytes around the data of a chunk: its length and name before it, its checksum after it. */
const [HEAD, TAIL] = [8, 4];

/** Contents of the header. */
interface Header {
  readonly height: number;
  readonly width: number;
  /** Bits of a pixel. */
  readonly depth: number;
}

/**
 * Decodes a mask.
 *
 * @param file name of the file in errors
 * @throws CorruptFileError if it is damaged, or not a PNG with a palette or grey levels of at most 8 bits
 */
export function decodeMask(action: Action, file: string, bytes: Uint8Array): StoredMask {
  const fail = (rule: string): never => {
    throw new CorruptFileError(action, rule, file);
  };
  if (!SIGNATURE.every((byte, at) => bytes[at] === byte)) fail('a mask must be a PNG file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  const parts: Uint8Array[] = [];
  for (let at = SIGNATURE.length; ;) {
    const length = at + HEAD <= bytes.length ? view.getUint32(at) : Infinity;
    if (at + HEAD + length + TAIL > bytes.length) fail('the file must be complete');
    const [start, end] = [at + HEAD, at + HEAD + length];
    const name = String.fromCharCode(...bytes.subarray(at + 4, start));
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) fail(`the file must be undamaged (its chunk ${name} is not)`); // prettier-ignore
    if (name === 'IEND') break;
    if (name === 'IHDR' && !header) {
      header = readHeader(new DataView(bytes.buffer, bytes.byteOffset + start, length), fail);
    }
    if (name === 'IDAT') parts.push(bytes.subarray(start, end));
    at = end + TAIL;
  }
  if (!header) return fail('it must have a header');
  const { height, width } = header;
  return { height, width, values: unpack(unfilter(parts, header, fail), header) };
}

function readHeader(view: DataView, fail: (rule: string) => never): Header {
  if (view.byteLength !== 13) return fail('its header must have 13 bytes');
  const [width, height, depth, type] = [view.getUint32(0), view.getUint32(4), view.getUint8(8), view.getUint8(9)];
  if (width === 0 || height === 0 || width * height > MAX_PIXELS) fail(`it must have from 1 to ${MAX_PIXELS} pixels`);
  if ((type !== GREY && type !== PALETTE) || ![1, 2, 4, 8].includes(depth)) {
    fail('a mask must have a palette, or grey levels of at most 8 bits');
  }
  if (view.getUint8(12) !== 0) fail('a mask must be saved without interlacing');
  return { height, width, depth };
}

/** Inflates the rows and undoes their filters: each byte was stored as its difference from a prediction. */
function unfilter(
  parts: readonly Uint8Array[],
  { height, width, depth }: Header,
  fail: (rule: string) => never,
): Uint8Array {
  const stride = Math.ceil((width * depth) / 8);
  const size = height * (stride + 1);
  let stored: Uint8Array;
  try {
    stored = inflateSync(Buffer.concat(parts), { maxOutputLength: size });
  } catch {
    return fail('its pixels must be complete and undamaged');
  }
  if (stored.length !== size) return fail('its pixels must be complete and undamaged');
  const rows = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = stored[y * (stride + 1)]!;
    if (filter > 4) return fail('its rows must have a known filter');
    for (let x = 0; x < stride; x++) {
      const left = x > 0 ? rows[y * stride + x - 1]! : 0;
      const above = y > 0 ? rows[(y - 1) * stride + x]! : 0;
      const corner = x > 0 && y > 0 ? rows[(y - 1) * stride + x - 1]! : 0;
      const predicted = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter]!;
      rows[y * stride + x] = stored[y * (stride + 1) + 1 + x]! + predicted;
    }
  }
  return rows;
}

/** The neighbour that is nearest to left + above − corner. */
function paeth(left: number, above: number, corner: number): number {
  const [toLeft, toAbove] = [Math.abs(above - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** One byte for each pixel; those of fewer bits lie in a byte from its highest bits on. */
function unpack(rows: Uint8Array, { height, width, depth }: Header): Uint8Array {
  if (depth === 8) return rows;
  const [stride, perByte] = [rows.length / height, 8 / depth];
  const values = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = rows[y * stride + Math.floor(x / perByte)]!;
      values[y * width + x] = (byte >> (8 - depth * ((x % perByte) + 1))) & (2 ** depth - 1);
    }
  }
  return values;
}
