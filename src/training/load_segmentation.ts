import path from 'node:path';
import { CorruptFileError, oneLine, rangeError } from '../errors.js';
import { checkPath } from '../support/check_path.js';
import { readRegularFile } from '../support/regular_file.js';
import { decodeImages } from './decoded_images.js';
import { decoderError, runDecoder } from './decoder.js';
import type { LabelledImage } from './image_listing.js';
import { selectSource, type ImageSource } from './image_source.js';
import type { LoadedImages } from './load_images.js';
import { readLoadOptions, type LoadImagesOptions } from './load_options.js';
import { listMasks, type MaskListing } from './mask_listing.js';
import { decodeMask, type StoredMask } from './mask_png.js';
import { IGNORED } from './masks.js';
import { placeImage, type Preprocessing } from './preprocessing.js';
import { permutation, Random } from './random.js';

const ACTION = 'load the segmentation';
const TEST_FRACTION = 0.2;
/** Number of images in one request to the decoder. */
const AT_A_TIME = 32;
/** Most characters of an error that lists problems. */
const LONGEST = 700;
/** Most bytes of the file of a mask. */
const MAX_BYTES = 2 ** 26;

/** Options of `loadSegmentation`: those of `loadImages`; images are in colour unless `channels` is 1. */
export type LoadSegmentationOptions = LoadImagesOptions;

/**
 * Loads images with a mask each, for segmentation. A folder contains `images` and `masks`, or `train` and `test` (or `val`)
 * with both, and `classes.json`: the names of the classes 0, 1, … as a list, or an object with the number of each class in the
 * masks, such as `{"ground": 0, "cat": 255}`. A mask is a PNG of the size of its image and of its name apart from the extension,
 * whose palette indices or grey levels are these numbers; 255 is no class unless it is named. Masks are fitted as their images
 * are, each pixel taking the nearest class. Images are read when they are needed, as `loadImages` does; masks stay in memory.
 *
 * @param folder folder of images and masks
 * @param options size, fit, scaling, seed, cache; see {@link LoadImagesOptions}
 * @returns images of size × size with their masks, in random order, for `Trainer` and `evaluate`
 * @throws MissingPackageError if the package `sharp` is not installed; RangeError if folders are missing or empty;
 * CorruptFileError, which lists all of them, if images are broken, or masks are missing, of another size or of unknown classes;
 * FileAccessError if the system denies access
 * @example
 * ```ts
 * import { loadSegmentation } from 'tfjs-convolutions/training';
 *
 * // Where the folder exists, this is the data of a Trainer.
 * const data = await loadSegmentation('streets', { size: 64 }).catch(({ message }) => message);
 * console.log(data.includes("file = 'streets/classes.json'")); // true
 * ```
 */
export async function loadSegmentation(folder: string, options: LoadSegmentationOptions = {}): Promise<LoadedImages> {
  checkPath(ACTION, 'folder', folder);
  const { wanted, seed, skipBroken, onLeftOut, ...decoding } = readLoadOptions(ACTION, options);
  const preprocessing = wanted.complete(wanted.channels ?? 3);
  // The package must be there before a large folder is listed.
  await runDecoder(ACTION, { images: [], work: 'grey', decoding: preprocessing });
  const listing = await listMasks(ACTION, folder);
  const { train, test, skipped, broken, classNames } = listing;
  const all = [...train, ...(test ?? [])];
  const images = all.map(({ image }) => image);
  if (!skipBroken) broken.check();
  const decoded = await decodeImages(images, broken, { action: ACTION, preprocessing, ...decoding });
  if (!skipBroken) broken.check();
  skipped.add('broken file', broken.files);
  const good = [...all.keys()].filter((index) => decoded.good[index] === 1);
  const masks = await readMasks(listing, folder, good, preprocessing);
  const leftOut = skipped.summary();
  if (leftOut !== undefined) onLeftOut(leftOut);
  const { height, width, channels } = preprocessing;
  const source: ImageSource = {
    labels: Int32Array.from(all, (_, index) => commonest(masks.get(index), classNames.length)),
    ...{ height, width, channels, classNames, preprocessing },
    digests: decoded.digests,
    read: decoded.read,
  };
  const select = (indices: readonly number[]): ImageSource => {
    const values = new Uint8Array(indices.length * height * width);
    indices.forEach((index, at) => {
      values.set(masks.get(index)!, at * height * width);
    });
    return { ...selectSource(source, indices), masks: { values, height, width } };
  };
  const parts = splitIndices(good, train.length, test !== undefined, seed);
  for (const [name, part] of Object.entries(parts)) {
    if (part.length === 0) throw rangeError(ACTION, `there must be images to ${name}`, 'folder', folder);
  }
  const name = path.basename(path.resolve(folder));
  return { name, cache: decoded.cache, train: select(parts.train), test: select(parts.test) };
}

/** Indices of training and test images in random order. */
function splitIndices(
  good: readonly number[],
  trainCount: number,
  isSplit: boolean,
  seed: number,
): { readonly train: number[]; readonly test: number[] } {
  const own = good.filter((index) => index < trainCount);
  const order = Array.from(permutation(own.length, new Random(seed, 'split')), (at) => own[at]!);
  if (isSplit) return { train: order, test: good.filter((index) => index >= trainCount) };
  const held = Math.max(1, Math.round(order.length * TEST_FRACTION));
  return { train: order.slice(held), test: order.slice(0, held) };
}

/** Reads the masks of images, fitted as these are; lists all that have none that fits. */
async function readMasks(
  { train, test, classOf }: MaskListing,
  folder: string,
  indices: readonly number[],
  preprocessing: Preprocessing,
): Promise<Map<number, Uint8Array>> {
  const all = [...train, ...(test ?? [])];
  const sizes = await sizesOf(
    indices.map((index) => all[index]!.image),
    preprocessing,
  );
  const masks = new Map<number, Uint8Array>();
  const problems: CorruptFileError[] = [];
  for (const [at, index] of indices.entries()) {
    const { image, mask: file } = all[index]!;
    const [height, width] = sizes[at]!;
    try {
      if (file === undefined) throw new CorruptFileError(ACTION, 'every image must have a mask', image.name);
      const mask = decodeMask(ACTION, file, await readRegularFile(ACTION, file, MAX_BYTES));
      if (mask.height !== height || mask.width !== width) {
        const rule = `a mask must have the size of its image, ${height} × ${width}, and this has ${mask.height} × ${mask.width}`;
        throw new CorruptFileError(ACTION, rule, file);
      }
      masks.set(index, fitMask(toClasses(mask, classOf, file), mask, preprocessing));
    } catch (error) {
      if (!(error instanceof CorruptFileError)) throw error;
      problems.push(error);
    }
  }
  if (problems.length > 0) throw listed(problems, folder);
  return masks;
}

/** One error for all masks that are missing or do not fit. */
function listed(problems: readonly CorruptFileError[], folder: string): Error {
  const [first, ...others] = problems;
  if (others.length === 0) return first!;
  const lines: string[] = [];
  let left = LONGEST;
  for (const { message } of problems) {
    const [, rule, file] = /^Cannot .*?: (.*), received file = '(.*)'$/s.exec(message)!;
    const line = oneLine(`${path.relative(folder, file!)}: ${rule!}`);
    if (lines.length > 0 && (left -= line.length + 2) < 0) break;
    lines.push(line);
  }
  const more = lines.length < problems.length ? `; and ${problems.length - lines.length} more` : '';
  const rule = `no mask may be missing or wrong, but ${problems.length} are: ${lines.join('; ')}${more}`;
  return new CorruptFileError(ACTION, rule, folder);
}

/** Height and width of each image as it is shown. */
async function sizesOf(
  images: readonly LabelledImage[],
  decoding: Preprocessing,
): Promise<(readonly [number, number])[]> {
  const sizes: (readonly [number, number])[] = [];
  for (let start = 0; start < images.length; start += AT_A_TIME) {
    const some = images.slice(start, start + AT_A_TIME);
    const request = { images: some.map(({ location }) => location), work: 'size', decoding } as const;
    const { pixels, failures } = await runDecoder(ACTION, request);
    const [failure] = failures;
    if (failure) throw decoderError(ACTION, some[failure.index]!.name, failure);
    const numbers = new Uint32Array(pixels.buffer);
    some.forEach((_, at) => sizes.push([numbers[2 * at]!, numbers[2 * at + 1]!]));
  }
  return sizes;
}

/** Replaces the numbers of a mask by the classes that they are. */
function toClasses({ values, width }: StoredMask, classOf: ReadonlyMap<number, number>, file: string): Uint8Array {
  const table = Array.from({ length: 256 }, (_, number) => classOf.get(number) ?? (number === IGNORED ? IGNORED : -1));
  return values.map((number, at) => {
    const found = table[number]!;
    if (found >= 0) return found;
    const where = `y ${Math.floor(at / width)}, x ${at % width}`;
    throw new CorruptFileError(ACTION, `masks must hold the numbers of classes (${where} is ${number})`, file);
  });
}

/** Fits a mask as its image is fitted; what lies outside has no class. */
function fitMask(classes: Uint8Array, { height, width }: StoredMask, preprocessing: Preprocessing): Uint8Array {
  const place = placeImage({ height, width }, preprocessing);
  const fitted = new Uint8Array(preprocessing.height * preprocessing.width).fill(IGNORED);
  const along = (at: number, first: number, size: number, own: number): number =>
    Math.floor(((at + 0.5 - first) * own) / size);
  for (let y = 0; y < preprocessing.height; y++) {
    const row = along(y, place.top, place.height, height);
    if (row < 0 || row >= height) continue;
    for (let x = 0; x < preprocessing.width; x++) {
      const column = along(x, place.left, place.width, width);
      if (column < 0 || column >= width) continue;
      fitted[y * preprocessing.width + x] = classes[row * width + column]!;
    }
  }
  return fitted;
}

/** The class with the most pixels apart from the first, which is the ground of most data; the first if there is no other. */
function commonest(mask: Uint8Array | undefined, classes: number): number {
  const counts = new Array<number>(classes).fill(0);
  mask?.forEach((value) => {
    if (value < classes && value > 0) counts[value]!++;
  });
  return counts.indexOf(Math.max(...counts));
}
