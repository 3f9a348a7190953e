import path from 'node:path';
import { rangeError } from '../errors.js';
import { checkPath } from '../support/check_path.js';
import type { CacheName } from './caches.js';
import { decodeImages, type DecodedImages } from './decoded_images.js';
import { runDecoder } from './decoder.js';
import { FORMATS } from './image_kind.js';
import type { ClassFolder, ImageListing, LabelledImage } from './image_listing.js';
import { selectSource, type ImageSource, type SplitImages } from './image_source.js';
import { listSource } from './open_listing.js';
import { readLoadOptions, type LoadImagesOptions } from './load_options.js';
import type { Preprocessing } from './preprocessing.js';
import { permutation, Random } from './random.js';
import { splitIndices } from './split_by_class.js';

const ACTION = 'load the images';
/** Number of images in one request to the decoder. */
const AT_A_TIME = 32;

/** Images that are read when they are needed. */
export interface LoadedImages extends SplitImages {
  readonly train: ImageSource;
  readonly test: ImageSource;
  /** Place of decoded images. */
  readonly cache: CacheName;
}

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
 * of WebDataset. A list (`.csv`, `.json`) has the fields `file`, relative to its folder, and `label`, and perhaps `split`. Images
 * in a list may have several labels: `cat;dog` in CSV, or a column of 0 and 1 for each class; a list of names in JSON.
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
  checkPath(ACTION, 'source', source);
  const { wanted, seed, skipBroken, onLeftOut, ...decoding } = readLoadOptions(ACTION, options);
  // The package must be there before a large folder is listed.
  await runDecoder(ACTION, { images: [], work: 'grey', decoding: wanted.complete(wanted.channels ?? 1) });
  const listing = await listSource(source);
  const { train, test, skipped, broken } = listing;
  const images = [...train.images, ...(test?.images ?? [])];
  if (!skipBroken) broken.check();
  checkCounts(listing, () => true);
  const preprocessing = wanted.complete(wanted.channels ?? (await channelsIn(images, wanted.complete(1))));
  const decoded = await decodeImages(images, broken, { action: ACTION, preprocessing, ...decoding });
  if (!skipBroken) broken.check();
  skipped.add('broken file', broken.files);
  checkCounts(listing, (index) => decoded.good[index] === 1);
  const leftOut = skipped.summary();
  if (leftOut !== undefined) onLeftOut(leftOut);
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
  const source = { labels, height, width, channels, classNames, preprocessing, digests, read };
  if (images[0]?.classes === undefined) return source;
  const multiHot = new Uint8Array(images.length * classNames.length);
  images.forEach(({ classes = [] }, image) => {
    for (const index of classes) multiHot[image * classNames.length + index] = 1;
  });
  return { ...source, multiHot };
}

/** Throws unless each class has enough images for which the test holds. */
function checkCounts({ train, test }: ImageListing, isGood: (index: number) => boolean): void {
  const check = ({ classNames, images, places }: ClassFolder, first: number, minimum: number): void => {
    const counts = new Array<number>(classNames.length).fill(0);
    images.forEach(({ label, classes = [label] }, index) => {
      if (isGood(first + index)) for (const each of classes) counts[each]!++;
    });
    const poor = counts.findIndex((count) => count < minimum);
    if (poor < 0) return;
    const rule = `every class must have at least ${minimum} image${minimum === 1 ? '' : 's'} (${FORMATS})`;
    throw rangeError(ACTION, rule, 'folder', places[poor]);
  };
  check(train, 0, test ? 1 : 2);
  if (test) check(test, train.images.length, 1);
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
