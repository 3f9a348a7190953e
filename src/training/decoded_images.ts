/** Decodes all images of a data set once: finds the broken ones, and keeps the others where the cache wants them. */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { CorruptFileError, type Action } from '../errors.js';
import { fileError } from '../support/file_error.js';
import type { BrokenImages } from './broken_images.js';
import type { CacheName } from './caches.js';
import { decoderError, runDecoder } from './decoder.js';
import type { DecoderAnswer, DecoderRequest, ImageLocation } from './decoder_worker_source.js';
import { fileCache, memoryCache, type DecodedFacts, type ImageCache } from './image_cache.js';
import type { LabelledImage } from './image_listing.js';
import { DIGEST_BYTES } from './image_source.js';
import type { Preprocessing } from './preprocessing.js';

/** Number of images in one request to the decoder. */
const AT_A_TIME = 32;
/** Number of requests that the decoder works on. */
const REQUESTS = 2;
/** Most bytes of decoded images that are kept in memory unless it is asked for. */
const MOST_BYTES = 200e6;

/** Settings of {@link decodeImages}. */
export interface DecodeSettings {
  readonly action: Action;
  readonly preprocessing: Preprocessing;
  readonly cache: CacheName | 'auto';
  /** Folder of the cache on disk. */
  readonly cacheFolder: string | undefined;
  /** Called with the number of images done so far. */
  readonly onProgress: ((done: number, total: number) => void) | undefined;
}

/** All images of a data set, decoded. */
export interface DecodedImages extends DecodedFacts {
  readonly cache: CacheName;
  /** Reads pixels [indices.length, height, width, channels]. */
  readonly read: (indices: ArrayLike<number>) => Promise<Uint8Array>;
}

/** Chooses between memory and files. */
export function chooseCache(
  cache: CacheName | 'auto',
  count: number,
  { height, width, channels }: Preprocessing,
): CacheName {
  if (cache !== 'auto') return cache;
  return count * height * width * channels <= MOST_BYTES ? 'memory' : 'none';
}

/**
 * Decodes images; broken ones are added to `broken`.
 *
 * @throws FileAccessError if the cache cannot be written
 */
export async function decodeImages(
  images: readonly LabelledImage[],
  broken: BrokenImages,
  settings: DecodeSettings,
): Promise<DecodedImages> {
  const { action, preprocessing, cacheFolder, onProgress } = settings;
  const name = chooseCache(settings.cache, images.length, preprocessing);
  const size = preprocessing.height * preprocessing.width * preprocessing.channels;
  const cache = await openCache(name, images, size, settings, cacheFolder);
  const ask = (indices: readonly number[], work: DecoderRequest['work'], place: Locate): Promise<DecoderAnswer> =>
    runDecoder(action, { images: indices.map(place), work, decoding: preprocessing });
  const facts = cache?.known ?? (await decodeAll());
  facts.good.forEach((isGood, index) => {
    // A cache remembers which images were broken; why they were is found out again.
    if (isGood === 0 && cache?.known) broken.add(images[index]!.name, brokenError(action, images[index]!.name));
  });
  return { ...facts, cache: name, read };

  async function decodeAll(): Promise<DecodedFacts> {
    const good = new Uint8Array(images.length).fill(1);
    const digests = new Uint8Array(images.length * DIGEST_BYTES);
    const asked: Promise<DecoderAnswer>[] = [];
    const starts = Array.from({ length: Math.ceil(images.length / AT_A_TIME) }, (_, index) => index * AT_A_TIME);
    const begin = (start: number | undefined): void => {
      if (start === undefined) return;
      const answer = ask(range(start, Math.min(start + AT_A_TIME, images.length)), 'decode', locate);
      answer.catch(() => undefined);
      asked.push(answer);
    };
    starts.slice(0, REQUESTS).forEach(begin);
    try {
      for (const [turn, start] of starts.entries()) {
        const answer = await asked.shift()!;
        begin(starts[turn + REQUESTS]);
        for (const failure of answer.failures) {
          const { name: file } = images[start + failure.index]!;
          good[start + failure.index] = 0;
          broken.add(file, decoderError(action, file, failure));
        }
        digests.set(answer.digests, start * DIGEST_BYTES);
        await cache?.add(start, answer.pixels);
        onProgress?.(Math.min(start + AT_A_TIME, images.length), images.length);
      }
      await cache?.finish({ good, digests });
    } catch (error) {
      await cache?.discard();
      throw error;
    }
    return { good, digests };
  }

  function locate(index: number): ImageLocation {
    return images[index]!.location;
  }

  async function read(indices: ArrayLike<number>): Promise<Uint8Array> {
    const list = Array.from(indices);
    if (name === 'memory') {
      const pixels = new Uint8Array(list.length * size);
      list.forEach((index, at) => {
        pixels.set(cache!.pixelsOf(index), at * size);
      });
      return pixels;
    }
    const place = (index: number): ImageLocation => cache?.locate(index) ?? locate(index);
    const { pixels, digests, failures } = await ask(list, name === 'disk' ? 'copy' : 'decode', place);
    const [failure] = failures;
    const pathOf = (at: number): string => (name === 'disk' ? place(list[at]!).path! : images[list[at]!]!.name);
    if (failure) throw decoderError(action, pathOf(failure.index), failure);
    const changed = list.findIndex((index, at) => !isSameDigest(facts.digests, index, digests, at));
    if (changed < 0) return pixels;
    const rule =
      name === 'disk' ? 'kept images must be undamaged (delete the file)' : 'images must not change during a run';
    throw new CorruptFileError(action, rule, pathOf(changed));
  }
}

type Locate = (index: number) => ImageLocation;

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

function isSameDigest(a: Uint8Array, first: number, b: Uint8Array, second: number): boolean {
  for (let byte = 0; byte < DIGEST_BYTES; byte++) {
    if (a[first * DIGEST_BYTES + byte] !== b[second * DIGEST_BYTES + byte]) return false;
  }
  return true;
}

function brokenError(action: Action, name: string): Error {
  return new CorruptFileError(action, 'every image must be complete and readable', name);
}

async function openCache(
  name: CacheName,
  images: readonly LabelledImage[],
  size: number,
  { action, preprocessing }: DecodeSettings,
  folder: string | undefined,
): Promise<ImageCache | undefined> {
  if (name === 'memory') return memoryCache(images.length, size);
  if (name === 'none') return undefined;
  return fileCache(folder!, await keyOf(action, images, preprocessing), images.length, size);
}

/** Name of a cache: the same for the same places, lengths and times of all files, and for the same preprocessing. */
async function keyOf(action: Action, images: readonly LabelledImage[], preprocessing: Preprocessing): Promise<string> {
  const { height, width, channels, fit, background } = preprocessing;
  const hash = createHash('sha256').update(JSON.stringify([height, width, channels, fit, background]));
  const times = new Map<string, string>();
  for (const { name, location } of images) {
    const { path = '', start, length } = location;
    if (!times.has(path)) {
      const stat = await fs.stat(path).catch((error: unknown) => {
        throw fileError(action, name, error);
      });
      times.set(path, `${stat.size} ${stat.mtimeMs}`);
    }
    hash.update(JSON.stringify([path, times.get(path), start, length]));
  }
  return hash.digest('hex').slice(0, 32);
}
