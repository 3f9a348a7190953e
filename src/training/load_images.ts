import path from 'node:path';
import { checkBoolean, checkInteger, checkOneOf, rangeError, typeError } from '../errors.js';
import { MAX_SEED } from '../kernel/philox.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkPath } from '../support/check_path.js';
import { CACHES, type CacheName } from './caches.js';
import { checkCallback } from './checks.js';
import { decodeImages, type DecodedImages } from './decoded_images.js';
import { runDecoder } from './decoder.js';
import { FORMATS } from './image_kind.js';
import type { ClassFolder, ImageListing, LabelledImage } from './image_listing.js';
import { selectSource, type ImageSource, type SplitImages } from './image_source.js';
import { listSource } from './open_listing.js';
import {
  checkPreprocessing,
  choosePreprocessing,
  PREPROCESSING_OPTIONS,
  type Preprocessing,
  type PreprocessingOptions,
} from './preprocessing.js';
import { permutation, Random } from './random.js';
import { splitIndices } from './split_by_class.js';

const ACTION = 'load the images';
/** Largest height and width that libvips can resize to. */
const MAX_SIZE = 0x3fff;
/** Number of images in one request to the decoder. */
const AT_A_TIME = 32;

/** Options of `loadImages`. */
export interface LoadImagesOptions extends PreprocessingOptions {
  /** Height and width to resize every image to, in pixels. @default 32 */
  size?: number;
  /** Number of channels: 1 for greyscale, 3 for colour. @default 1 if every image is greyscale, otherwise 3 */
  channels?: 1 | 3;
  /** In place of size, channels, fit, background and scaling: what a model expects, see `preprocessingOf`. */
  preprocessing?: Preprocessing;
  /** Random seed for splitting and shuffling, an integer from 0 to 2³² − 1. @default 1 */
  seed?: number;
  /**
   * Place of decoded images: in memory, in a file of `cacheFolder` where later runs find them, or nowhere, so that
   * they are read and decoded again in each epoch, in the background. @default 'memory' up to 200 MB, then 'none'
   */
  cache?: CacheName;
  /** Folder for the file of `cache: 'disk'`. */
  cacheFolder?: string;
  /** Passes over broken files, which are reported like other skipped files, instead of failing. @default false */
  skipBroken?: boolean;
  /** Called with one line about files that were skipped, if any. @default console.warn */
  onLeftOut?: (line: string) => void;
  /** Called with the numbers of images that have been checked and of all images. */
  onProgress?: (done: number, total: number) => void;
}

export const LOAD_OPTIONS: OptionNames<LoadImagesOptions> = {
  size: true,
  channels: true,
  ...PREPROCESSING_OPTIONS,
  preprocessing: true,
  seed: true,
  cache: true,
  cacheFolder: true,
  skipBroken: true,
  onLeftOut: true,
  onProgress: true,
};

/** Images that are read when they are needed. */
export interface LoadedImages extends SplitImages {
  readonly train: ImageSource;
  readonly test: ImageSource;
  /** Place of decoded images. */
  readonly cache: CacheName;
}

/** Options that a complete preprocessing takes the place of. */
const PARTS = ['size', 'channels', 'fit', 'background', 'range', 'mean', 'std'] as const;

/**
 * Loads images with a class each, of any number, in any format that `sharp` reads: each is decoded once to find broken ones,
 * and, unless all fit into memory, again when it is needed, in a thread of its own.
 *
 * The folder contains one folder per class, or is already split: `train` (`training`) and `test` (`testing`), each with one
 * folder per class; if there is no `test`, `val` (`valid`, `validation`) is used instead. Images are recognized by their
 * content, not by their name, and may be in folders inside their class. System files (names starting with a dot,
 * `__MACOSX`, `Thumbs.db`, `desktop.ini`, `@eaDir`) are ignored. Everything else that is skipped (other formats, files beside
 * the folders, links to a folder around them, `val` beside `test`) is summarized in one line, which is passed to `onLeftOut`.
 *
 * A tar or zip file (`.tar`, `.zip`) is read like a folder, without unpacking it; a tar file with `.cls` files like a shard
 * of WebDataset. A list (`.csv`, `.json`) has the fields `file`, relative to its folder, and `label`, and perhaps `split`.
 *
 * @param source folder, archive or list
 * @param options size, channels, fit, scaling, seed, cache; see {@link LoadImagesOptions}
 * @returns images of size × size, in random order, with their preprocessing, for `Trainer` and `evaluate`; classes sorted by
 * name
 * @throws MissingPackageError if the package `sharp` is not installed; RangeError if there are fewer than two classes, a
 * class has too few images, or the two parts have different classes; CorruptFileError, which lists all of them, if images
 * cannot be decoded, files named as images are none, or links are broken; FileAccessError if the system denies access
 */
export async function loadImages(source: string, options: LoadImagesOptions = {}): Promise<LoadedImages> {
  checkOptions(ACTION, options, LOAD_OPTIONS);
  checkPath(ACTION, 'source', source);
  const { seed = 1, cache = 'auto', cacheFolder, skipBroken = false, onProgress } = options;
  checkInteger(ACTION, 'seed', seed, 0, MAX_SEED);
  checkBoolean(ACTION, 'skipBroken', skipBroken);
  checkCallback(ACTION, 'onLeftOut', options.onLeftOut);
  checkCallback(ACTION, 'onProgress', onProgress);
  checkCache(options.cache, cacheFolder);
  const wanted = wantedOf(options);
  // The package must be there before a large folder is listed.
  await runDecoder(ACTION, { images: [], work: 'grey', decoding: wanted.complete(wanted.channels ?? 1) });
  const listing = await listSource(source);
  const { train, test, skipped, broken } = listing;
  const images = [...train.images, ...(test?.images ?? [])];
  if (!skipBroken) broken.check();
  checkCounts(listing, () => true);
  const preprocessing = wanted.complete(wanted.channels ?? (await channelsIn(images, wanted.complete(1))));
  const decoded = await decodeImages(images, broken, { action: ACTION, preprocessing, cache, cacheFolder, onProgress });
  if (!skipBroken) broken.check();
  skipped.add('broken file', broken.files);
  checkCounts(listing, (index) => decoded.good[index] === 1);
  const leftOut = skipped.summary();
  if (leftOut !== undefined) (options.onLeftOut ?? console.warn)(leftOut);
  const all = sourceOf(train.classNames, images, preprocessing, decoded);
  const name = path.basename(path.resolve(source));
  return { name, cache: decoded.cache, ...splitSource(all, listing, decoded, seed) };
}

/** Divides the images that could be decoded into training and test images. */
function splitSource(
  all: ImageSource,
  { train, test }: ImageListing,
  { good }: DecodedImages,
  seed: number,
): Pick<LoadedImages, 'train' | 'test'> {
  const goodIn = (start: number, end: number): number[] =>
    Array.from({ length: end - start }, (_, index) => start + index).filter((index) => good[index] === 1);
  const count = train.images.length;
  const first = selectSource(all, goodIn(0, count));
  if (test) {
    const order = permutation(first.labels.length, new Random(seed, 'split'));
    return { train: selectSource(first, order), test: selectSource(all, goodIn(count, count + test.images.length)) };
  }
  const split = splitIndices(first, seed);
  return { train: selectSource(first, split.train), test: selectSource(first, split.test) };
}

function sourceOf(
  classNames: readonly string[],
  images: readonly LabelledImage[],
  preprocessing: Preprocessing,
  { digests, read }: DecodedImages,
): ImageSource {
  const { height, width, channels } = preprocessing;
  const labels = Int32Array.from(images, ({ label }) => label);
  return { labels, height, width, channels, classNames, preprocessing, digests, read };
}

/** Throws unless each class has enough images for which the test holds. */
function checkCounts({ train, test }: ImageListing, isGood: (index: number) => boolean): void {
  const check = ({ classNames, images, places }: ClassFolder, first: number, minimum: number): void => {
    const counts = new Array<number>(classNames.length).fill(0);
    images.forEach(({ label }, index) => {
      if (isGood(first + index)) counts[label]!++;
    });
    const poor = counts.findIndex((count) => count < minimum);
    if (poor < 0) return;
    const rule = `every class must have at least ${minimum} image${minimum === 1 ? '' : 's'} (${FORMATS})`;
    throw rangeError(ACTION, rule, 'folder', places[poor]);
  };
  check(train, 0, test ? 1 : 2);
  if (test) check(test, train.images.length, 1);
}

/** Throws unless a cache and its folder fit together. */
export function checkCache(cache: unknown, folder: unknown): void {
  if (cache !== undefined) checkOneOf(ACTION, 'cache', cache, CACHES);
  if (folder !== undefined) checkPath(ACTION, 'cacheFolder', folder);
  if (cache === 'disk' && folder === undefined) {
    throw typeError(ACTION, "cache 'disk' must come with cacheFolder", 'cacheFolder', folder);
  }
}

/** The preprocessing that the options ask for. */
interface Wanted {
  /** Undefined if the images decide. */
  readonly channels: 1 | 3 | undefined;
  readonly complete: (channels: 1 | 3) => Preprocessing;
}

/** Checks the options of the preprocessing. */
export function wantedOf(options: LoadImagesOptions): Wanted {
  const { size = 32, preprocessing, channels = channelsOf(options) } = options;
  if (preprocessing !== undefined) {
    const given = PARTS.find((name) => options[name] !== undefined);
    if (given !== undefined) {
      throw typeError(ACTION, `${given} must not come with preprocessing`, given, options[given]);
    }
    checkPreprocessing(ACTION, preprocessing);
    return { channels: preprocessing.channels, complete: () => preprocessing };
  }
  checkInteger(ACTION, 'size', size, 1, MAX_SIZE);
  checkChannels(channels);
  const complete = (found: 1 | 3): Preprocessing =>
    choosePreprocessing(ACTION, { height: size, width: size, channels: found }, options);
  complete(channels ?? 1);
  return { channels, complete };
}

/** Number of channels by the lists of `mean` and `std`. */
function channelsOf({ mean, std }: LoadImagesOptions): 1 | 3 | undefined {
  return [mean, std].some((list) => Array.isArray(list) && list.length > 1) ? 3 : undefined;
}

function checkChannels(channels: unknown): void {
  if (channels === undefined || channels === 1 || channels === 3) return;
  const fail = typeof channels === 'number' ? rangeError : typeError;
  throw fail(ACTION, 'channels must be 1 for greyscale or 3 for colour', 'channels', channels);
}

/** Channels of images: 1 if all that can be read are greyscale; broken ones are found when they are decoded. */
async function channelsIn(images: readonly LabelledImage[], decoding: Preprocessing): Promise<1 | 3> {
  for (let start = 0; start < images.length; start += AT_A_TIME) {
    const locations = images.slice(start, start + AT_A_TIME).map(({ location }) => location);
    const { pixels, failures } = await runDecoder(ACTION, { images: locations, work: 'grey', decoding });
    const failed = new Set(failures.map(({ index }) => index));
    if (pixels.some((isGrey, index) => isGrey === 0 && !failed.has(index))) return 3;
  }
  return 1;
}
