/** Keeps decoded images: in memory, or in a file, which another run on the same images finds again. */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { removeAbandoned, temporaryName } from '../support/atomic_file.js';
import { fileError } from '../support/file_error.js';
import { makeFolder } from '../support/make_folder.js';
import { readBytes } from '../support/regular_file.js';
import type { ImageLocation } from './decoder_worker_source.js';
import { DIGEST_BYTES } from './image_source.js';

const ACTION = 'keep the decoded images';
const MAGIC = new TextEncoder().encode('tfjs-convolutions pixels 1\n'.padEnd(32, ' '));
const CHECKSUM_BYTES = 32;

/** Facts about the images, found when they were decoded. */
export interface DecodedFacts {
  /** 1 for each image that could be decoded. */
  readonly good: Uint8Array;
  readonly digests: Uint8Array;
}

/** Place for decoded images, which are added in their order. */
export interface ImageCache {
  /** Facts about all images if they are there already. */
  readonly known: DecodedFacts | undefined;
  /** Adds the pixels of images from one position on. */
  add(first: number, pixels: Uint8Array): Promise<void>;
  /** Called once all images have been added. */
  finish(facts: DecodedFacts): Promise<void>;
  /** Called in place of `finish` after an error. */
  discard(): Promise<void>;
  /** Place of an image's pixels; undefined in memory. */
  locate(index: number): ImageLocation | undefined;
  /** Pixels of an image in memory. */
  pixelsOf(index: number): Uint8Array;
}

/** Keeps images in memory. */
export function memoryCache(count: number, size: number): ImageCache {
  const all = new Uint8Array(count * size);
  return {
    known: undefined,
    add: (first, pixels) => {
      all.set(pixels, first * size);
      return Promise.resolve();
    },
    finish: () => Promise.resolve(),
    discard: () => Promise.resolve(),
    locate: () => undefined,
    pixelsOf: (index) => all.subarray(index * size, (index + 1) * size),
  };
}

/**
 * Keeps images in a file: 32 bytes that name the format, a SHA-256 of the facts, the facts (a byte and a digest for each
 * image), then the pixels. It is written under a temporary name and renamed when it is complete.
 *
 * @param folder folder for the file, created if it does not exist
 * @param key name for these images and their preprocessing
 */
export async function fileCache(folder: string, key: string, count: number, size: number): Promise<ImageCache> {
  const file = path.join(folder, `${key}.pixels`);
  const start = MAGIC.length + CHECKSUM_BYTES + count * (1 + DIGEST_BYTES);
  const known = await readFacts(file, count, start + count * size);
  const temporary = temporaryName(file);
  const handle = known ? undefined : await open(folder, file, temporary);
  const guarded = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      throw fileError(ACTION, file, error);
    }
  };
  return {
    known,
    add: (first, pixels) => guarded(() => handle!.write(pixels, 0, pixels.length, start + first * size)),
    finish: async (facts) => {
      await guarded(async () => {
        const bytes = Buffer.concat([facts.good, facts.digests]);
        await handle!.write(Buffer.concat([MAGIC, checksumOf(bytes), bytes]), 0, start, 0);
        await handle!.sync();
        await handle!.close();
        await fs.rename(temporary, file);
      });
    },
    discard: async () => {
      await handle?.close().catch(() => undefined);
      await fs.rm(temporary, { force: true });
    },
    locate: (index) => ({ path: file, start: start + index * size, length: size }),
    pixelsOf: () => new Uint8Array(),
  };
}

async function open(folder: string, file: string, temporary: string): Promise<fs.FileHandle> {
  try {
    await makeFolder(ACTION, folder);
    await removeAbandoned(file);
    return await fs.open(temporary, 'wx');
  } catch (error) {
    throw fileError(ACTION, file, error);
  }
}

/** Reads the facts in a file; undefined if there is no file, or not one of this length that is undamaged. */
async function readFacts(file: string, count: number, length: number): Promise<DecodedFacts | undefined> {
  const handle = await fs.open(file, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    if (size !== length) return undefined;
    const bytes = await readBytes(handle, 0, MAGIC.length + CHECKSUM_BYTES + count * (1 + DIGEST_BYTES));
    const [checksum, facts] = [bytes.subarray(MAGIC.length), bytes.subarray(MAGIC.length + CHECKSUM_BYTES)];
    const isWhole = MAGIC.every((byte, index) => byte === bytes[index]);
    if (!isWhole || !checksumOf(facts).equals(checksum.subarray(0, CHECKSUM_BYTES))) return undefined;
    return { good: facts.subarray(0, count), digests: facts.subarray(count) };
  } finally {
    await handle.close();
  }
}

function checksumOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
