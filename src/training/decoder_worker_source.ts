/**
 * Source of the worker that reads and decodes images, as text, so that bundlers need not resolve a file. A step of training
 * keeps its thread busy for seconds, in which no callback of a decoder would run there.
 *
 * It answers each request with one message, and works on a bounded number of images at a time, in the order of the requests.
 */
import type { Decoding } from './preprocessing.js';

/** Most pixels of an image, 8,192². A file of a few bytes can claim any number of pixels, which the decoder would allocate. */
const MAX_PIXELS = 2 ** 26;
/** Largest width and height of an image: the decoder buffers whole rows, so a long image takes disproportionate memory. */
const MAX_SIDE = 2 ** 15;
/** Largest image file in bytes: 32 bits for each pixel. */
const MAX_BYTES = 4 * MAX_PIXELS;
/** Longest side of a cropped image in units of its shorter side. */
const MAX_RATIO = 64;
/** Number of images read and decoded at the same time. */
const PARALLEL = 8;

/** Place of the bytes of an image. */
export interface ImageLocation {
  /** Path of the image file, or of the file that contains it; missing if the bytes are given. */
  readonly path?: string;
  readonly bytes?: Uint8Array;
  /** First byte in the file. @default 0 */
  readonly start?: number;
  /** Number of bytes in the file. @default all */
  readonly length?: number;
  /** Number of bytes once they are inflated, if they are deflated. */
  readonly inflated?: number;
  /** CRC-32 of the bytes, inflated; checked where Node computes it, since 20.15. */
  readonly checksum?: number;
}

/** Work on a list of images. */
export interface DecoderRequest {
  readonly id: number;
  readonly images: readonly ImageLocation[];
  /**
   * `'decode'` to pixels, find images without colour (`'grey'`) or their heights and widths (`'size'`), or `'copy'` bytes that
   * are pixels already.
   */
  readonly work: 'decode' | 'grey' | 'size' | 'copy';
  /** Size and format of the pixels; only its size matters for `'copy'`. */
  readonly decoding: Decoding;
}

/** Image that could not be read or decoded. */
export interface DecoderFailure {
  /** Index in the request. */
  readonly index: number;
  /** The broken rule, for errors, or the code of a file system error. */
  readonly rule?: string;
  readonly code?: string;
}

/** Answer to a request. */
export interface DecoderAnswer {
  readonly id: number;
  /**
   * Pixels [images, height, width, channels]; one byte for each image that is 1 without colour if `work` is `'grey'`, and two
   * integers of 32 bits for `'size'`.
   */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** The first 16 bytes of the SHA-256 of the pixels of each image. */
  readonly digests: Uint8Array;
  /** In the order of the request. */
  readonly failures: readonly DecoderFailure[];
}

/** Bytes of a digest. */
export const DIGEST_BYTES = 16;

export const DECODER_WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const { constants, promises: fs } = require('node:fs');
const { promisify } = require('node:util');
const { crc32, ...zlib } = require('node:zlib');
const inflateRaw = promisify(zlib.inflateRaw);
const sharp = require(workerData.sharp);

const FITS = { crop: 'cover', stretch: 'fill', contain: 'contain' };

class Broken extends Error {
  constructor(rule) {
    super(rule);
    this.rule = rule;
  }
}

async function readBytes({ path, bytes, start = 0, length, inflated, checksum }) {
  if (bytes) return bytes;
  // Without O_NONBLOCK, opening a FIFO would wait for a writer; Windows has neither.
  const handle = await fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Broken('it must be a regular file');
    const wanted = length ?? stat.size;
    const most = Math.max(wanted, inflated ?? 0);
    if (most > ${MAX_BYTES}) throw new Broken('it must have at most ${MAX_BYTES} bytes, but has ' + most);
    if (start + wanted > stat.size) throw new Broken('the file must be complete (it ends within the image)');
    const read = Buffer.allocUnsafe(wanted);
    for (let done = 0; done < wanted; ) {
      const { bytesRead } = await handle.read(read, done, wanted - done, start + done);
      if (bytesRead === 0) throw new Broken('the file must not change while it is read');
      done += bytesRead;
    }
    const isSame = inflated === undefined;
    const whole = isSame ? read : await inflateRaw(read, { maxOutputLength: Math.max(inflated, 1) }).catch(() => undefined);
    const isWhole = isSame || whole?.length === inflated;
    if (isWhole && (checksum === undefined || !crc32 || crc32(whole) === checksum)) return whole;
    throw new Broken('the archive must be undamaged (this member is not)');
  } finally {
    await handle.close();
  }
}

async function complete(read) {
  try {
    return await read();
  } catch (error) {
    if (String(error).includes('exceeds pixel limit')) {
      throw new Broken('every image must have at most ${MAX_PIXELS} pixels');
    }
    throw new Broken('every image must be complete and readable');
  }
}

// The decoder is given bytes rather than a path: it caches what it reads from a path, even if the file changes, and
// parses [...] at the end of a path as settings.
const open = (bytes) => sharp(bytes, { limitInputPixels: ${MAX_PIXELS} });

async function metadataOf(bytes) {
  const metadata = await complete(() => open(bytes).metadata());
  if (Math.max(metadata.width, metadata.height) > ${MAX_SIDE}) {
    throw new Broken('every image must be at most ${MAX_SIDE} pixels wide and high');
  }
  return metadata;
}

// Cuts the ends of a very long image off: scaled to cover the input, it would be too long for the library.
function middleOf(image, metadata) {
  const { width, height } = metadata.autoOrient ?? metadata;
  const most = ${MAX_RATIO} * Math.min(width, height);
  if (Math.max(width, height) <= most) return image;
  const [w, h] = [Math.min(width, most), Math.min(height, most)];
  return image.extract({ left: (width - w) >> 1, top: (height - h) >> 1, width: w, height: h });
}

const WORK = {
  async copy(bytes) {
    return bytes;
  },
  async grey(bytes) {
    const { space } = await metadataOf(bytes);
    return Uint8Array.of(space === 'b-w' || space === 'grey16' ? 1 : 0);
  },
  async size(bytes) {
    const metadata = await metadataOf(bytes);
    const { width, height } = metadata.autoOrient ?? metadata;
    return new Uint8Array(Uint32Array.of(height, width).buffer);
  },
  async decode(bytes, { height, width, channels, fit, background: [r, g, b] }) {
    const metadata = await metadataOf(bytes);
    const background = { r, g, b };
    const upright = open(bytes).autoOrient();
    return complete(() =>
      (fit === 'crop' ? middleOf(upright, metadata) : upright)
        .flatten({ background })
        .resize(width, height, { fit: FITS[fit], background })
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .raw()
        .toBuffer(),
    );
  },
};

const waiting = [];
let active = 0;

function next() {
  while (active < ${PARALLEL} && waiting.length > 0) {
    active++;
    waiting.shift()().then(() => {
      active--;
      next();
    });
  }
}

parentPort.on('message', ({ id, images, work, decoding }) => {
  const size = { grey: 1, size: 8 }[work] ?? decoding.height * decoding.width * decoding.channels;
  const pixels = new Uint8Array(images.length * size);
  const digests = new Uint8Array(images.length * ${DIGEST_BYTES});
  const failures = [];
  let left = images.length;
  images.forEach((image, index) => {
    waiting.push(async () => {
      try {
        const done = await WORK[work](await readBytes(image), decoding);
        if (done.length !== size) throw new Broken('every image must be complete and readable');
        pixels.set(done, index * size);
        const digest = createHash('sha256').update(done).digest();
        digests.set(digest.subarray(0, ${DIGEST_BYTES}), index * ${DIGEST_BYTES});
      } catch ({ rule, code, message }) {
        failures.push({ index, rule: rule ?? (code === undefined ? message : undefined), code });
      }
      if (--left > 0) return;
      failures.sort((a, b) => a.index - b.index);
      parentPort.postMessage({ id, pixels, digests, failures }, [pixels.buffer]);
    });
  });
  next();
});
`;
