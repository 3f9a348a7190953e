/**
 * Folders of images sorted by class: `folder/cat/1.jpg`, `folder/dog/2.png`. A folder with `folder/train/…` and
 * `folder/test/…` is already split; otherwise a fifth of every class becomes the test set, chosen by the seed.
 */
import path from 'node:path';
import type * as sharp from 'sharp';
import { checkInteger, CorruptFileError, rangeError, typeError } from '../errors.js';
import { MAX_SEED } from '../kernel/philox.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { loadOptional } from '../support/optional_package.js';
import { readRegularFile } from '../support/regular_file.js';
import { selectImages, type Dataset, type SplitDataset } from './dataset.js';
import { checkImage } from './image_kind.js';
import { listImages, type ClassFolder, type LabelledFile } from './image_listing.js';
import { permutation, Random } from './random.js';
import { splitByClass } from './split_by_class.js';
import { checkPath } from '../support/check_path.js';

const ACTION = 'load the images';
/** Largest height and width that libvips can resize to. */
const MAX_SIZE = 0x3fff;
/** Most pixels of an image, 8,192². A file of a few bytes can claim any number of pixels, which the decoder would allocate. */
const MAX_PIXELS = 2 ** 26;
/** Largest width and height of an image: the decoder buffers whole rows, so a long image takes disproportionate memory. */
const MAX_SIDE = 2 ** 15;
/** Largest image file in bytes: 32 bits for each pixel. */
const MAX_BYTES = 4 * MAX_PIXELS;
/** Number of images decoded at the same time. */
const PARALLEL = 8;

/** Options of `loadImageFolder`. */
export interface ImageFolderOptions {
  /** Height and width to resize every image to, in pixels. @default 32 */
  size?: number;
  /** Number of channels: 1 for greyscale, 3 for colour. @default 1 if every image is greyscale, otherwise 3 */
  channels?: 1 | 3;
  /** Random seed for splitting and shuffling, an integer from 0 to 2³² − 1. @default 1 */
  seed?: number;
  /** Called with one line about files that were skipped, if any. @default console.warn */
  onLeftOut?: (line: string) => void;
}

const OPTIONS: OptionNames<ImageFolderOptions> = { size: true, channels: true, seed: true, onLeftOut: true };

type Sharp = typeof sharp.default;

/**
 * Loads a folder of images sorted by class (jpg, png, webp).
 *
 * The folder contains one folder per class, or is already split: `train` (`training`) and `test` (`testing`), each with one
 * folder per class; if there is no `test`, `val` (`valid`, `validation`) is used instead. Images are recognized by their
 * content, not by their name. System files (names starting with a dot, `__MACOSX`, `Thumbs.db`, `desktop.ini`, `@eaDir`)
 * are ignored. Everything else that is skipped (other formats, folders inside a class, files beside the folders, links
 * to a folder around them, `val` beside `test`) is summarized in one line, which is passed to `onLeftOut`.
 *
 * @param folder folder with one folder per class, or already split
 * @param options size, channels, seed; see {@link ImageFolderOptions}
 * @returns images stretched to size × size, in random order; classes sorted by name
 * @throws MissingPackageError if the package `sharp` is not installed; RangeError if there are fewer than two classes, a
 * class has too few images, or the two parts have different classes; CorruptFileError if an image cannot be decoded, a file
 * named as an image is not one, or a link is broken; FileAccessError if the system denies access to a file
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<SplitDataset> {
  checkOptions(ACTION, options, OPTIONS);
  checkPath(ACTION, 'folder', folder);
  const { size = 32, seed = 1 } = options;
  checkInteger(ACTION, 'size', size, 1, MAX_SIZE);
  checkInteger(ACTION, 'seed', seed, 0, MAX_SEED);
  checkChannels(options.channels);
  checkListener(options.onLeftOut);
  const decoder = await loadOptional(ACTION, 'sharp', async () => (await import('sharp')).default);
  const { train, test, leftOut } = await listImages(folder);
  if (leftOut !== undefined) (options.onLeftOut ?? console.warn)(leftOut);
  const files = [...train.files, ...(test?.files ?? [])];
  const channels = options.channels ?? ((await areAllGreyscale(decoder, files)) ? 1 : 3);
  const read = async (part: ClassFolder): Promise<Dataset> => ({
    images: await decodeAll(decoder, part.files, size, channels),
    labels: Int32Array.from(part.files, ({ label }) => label),
    height: size,
    width: size,
    channels,
    classNames: part.classNames,
  });
  const name = path.basename(path.resolve(folder));
  const all = await read(train);
  if (!test) return { name, ...splitByClass(all, seed) };
  const order = permutation(all.labels.length, new Random(seed, 'split'));
  return { name, train: selectImages(all, order), test: await read(test) };
}

function checkChannels(channels: unknown): void {
  if (channels === undefined || channels === 1 || channels === 3) return;
  const fail = typeof channels === 'number' ? rangeError : typeError;
  throw fail(ACTION, 'channels must be 1 for greyscale or 3 for colour', 'channels', channels);
}

function checkListener(onLeftOut: unknown): void {
  if (onLeftOut === undefined || typeof onLeftOut === 'function') return;
  throw typeError(ACTION, 'onLeftOut must be a function', 'onLeftOut', onLeftOut);
}

/** Size to stretch an image to, in pixels, and number of channels: 1 for greyscale, 3 for colour. */
export interface DecodedSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** Reads one image file as pixels [height, width, channels] from 0 to 255. */
export async function readImage(file: string, size: DecodedSize): Promise<Uint8Array> {
  await checkImage(ACTION, file);
  return decode(await loadOptional(ACTION, 'sharp', async () => (await import('sharp')).default), file, size);
}

async function areAllGreyscale(decoder: Sharp, files: readonly LabelledFile[]): Promise<boolean> {
  for (const { file } of files) {
    const { space } = await decodeFile(decoder, file, (_, metadata) => Promise.resolve(metadata));
    if (space !== 'b-w' && space !== 'grey16') return false;
  }
  return true;
}

async function decodeAll(
  decoder: Sharp,
  files: readonly LabelledFile[],
  size: number,
  channels: 1 | 3,
): Promise<Uint8Array> {
  const length = size * size * channels;
  const images = new Uint8Array(files.length * length);
  for (let start = 0; start < files.length; start += PARALLEL) {
    await Promise.all(
      files.slice(start, start + PARALLEL).map(async ({ file }, index) => {
        const pixels = await decode(decoder, file, { height: size, width: size, channels });
        images.set(pixels, (start + index) * length);
      }),
    );
  }
  return images;
}

function decode(decoder: Sharp, file: string, { height, width, channels }: DecodedSize): Promise<Uint8Array> {
  return decodeFile(decoder, file, (image) =>
    image
      .autoOrient()
      .flatten()
      .resize(width, height, { fit: 'fill' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer(),
  );
}

/**
 * Decodes a file. The decoder is given bytes rather than a path: it caches what it reads from a path, even if the file
 * changes, and parses `[…]` at the end of a path as settings.
 */
async function decodeFile<T>(
  decoder: Sharp,
  file: string,
  read: (image: sharp.Sharp, metadata: sharp.Metadata) => Promise<T>,
): Promise<T> {
  const bytes = await readRegularFile(ACTION, file, MAX_BYTES);
  const open = (): sharp.Sharp => decoder(bytes, { limitInputPixels: MAX_PIXELS });
  const metadata = await complete(file, () => open().metadata());
  if (Math.max(metadata.width, metadata.height) > MAX_SIDE) {
    throw new CorruptFileError(ACTION, `every image must be at most ${MAX_SIDE} pixels wide and high`, file);
  }
  return complete(file, () => read(open(), metadata));
}

async function complete<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (String(error).includes('exceeds pixel limit')) {
      throw new CorruptFileError(ACTION, `every image must have at most ${MAX_PIXELS} pixels`, file);
    }
    throw new CorruptFileError(ACTION, 'every image must be a complete, readable jpg, png or webp', file);
  }
}
