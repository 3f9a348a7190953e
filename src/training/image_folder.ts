/**
 * Folders of images by class: `folder/cat/1.jpg`, `folder/dog/2.png`. With `folder/train/…` and `folder/test/…` the
 * division is the folder's own; otherwise a fifth of every class becomes the test set, always the same for one seed.
 */
import path from 'node:path';
import type * as sharp from 'sharp';
import { checkInteger, CorruptFileError, rangeError, typeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { loadOptional } from '../support/optional_package.js';
import { readRegularFile } from '../support/regular_file.js';
import { selectImages, type Dataset, type SplitDataset } from './dataset.js';
import { checkImage } from './image_kind.js';
import { listImages, type ClassFolder, type LabelledFile } from './image_listing.js';
import { MAX_SEED, permutation, Random } from './random.js';
import { splitByClass } from './split_by_class.js';

const ACTION = 'load the images';
/** Largest height and width that libvips resizes to. */
const MOST_PIXELS = 0x3fff;
/** Pixels that an image may claim to have, 8,192²: a few bytes can claim any number, which decoding would allocate. */
const MAX_PIXELS = 2 ** 26;
/** Largest width and height of an image: decoding holds whole rows, so a long one takes more than its share of memory. */
const MAX_SIDE = 2 ** 15;
/** Bytes that the file of an image may have: as many as its pixels in 32 bits each. */
const MAX_BYTES = 4 * MAX_PIXELS;
/** Images that are decoded at a time. */
const PARALLEL = 8;

/** The options of `loadImageFolder`. */
export interface ImageFolderOptions {
  /** Height and width that every image is resized to, in pixels. @default 32 */
  size?: number;
  /** 1 for grey, 3 for colour. @default 1 when every image is grey, otherwise 3 */
  channels?: 1 | 3;
  /** Decides the division and the order, an integer from 0 to 2³² − 1. @default 1 */
  seed?: number;
  /** Called with one line about what the folder holds besides images by class, if it does. @default console.warn */
  onLeftOut?: (line: string) => void;
}

const OPTIONS: OptionNames<ImageFolderOptions> = { size: true, channels: true, seed: true, onLeftOut: true };

type Sharp = typeof sharp.default;

/**
 * Loads a folder of images by class (jpg, png, webp).
 *
 * The folder holds one folder per class, or a division: `train` (`training`) and `test` (`testing`), each with one folder
 * per class; without `test`, `val` (`valid`, `validation`) takes its place. The content of a file, not its name, decides
 * whether it is an image. What a system leaves (names that begin with a dot, `__MACOSX`, `Thumbs.db`, `desktop.ini`,
 * `@eaDir`) does not count. All else that is left out (other formats, folders within a class, files beside the folders,
 * `val` beside `test`) is named in one line, which `onLeftOut` receives.
 *
 * @param folder folder with one folder per class, or with a division
 * @param options size, channels, seed; see {@link ImageFolderOptions}
 * @returns images stretched to size × size, in random order; classes in the order of their names
 * @throws MissingPackageError if the package `sharp` is not installed; RangeError if there are fewer than two classes, a
 * class without enough images, or differing classes; CorruptFileError if an image cannot be read, something named as an
 * image is none, or a link leads nowhere; FileAccessError if the system refuses a file
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<SplitDataset> {
  checkOptions(ACTION, options, OPTIONS);
  const { size = 32, seed = 1 } = options;
  checkInteger(ACTION, 'size', size, 1, MOST_PIXELS);
  checkInteger(ACTION, 'seed', seed, 0, MAX_SEED);
  checkChannels(options.channels);
  checkListener(options.onLeftOut);
  const decoder = await loadOptional(ACTION, 'sharp', async () => (await import('sharp')).default);
  const { train, test, leftOut } = await listImages(folder);
  if (leftOut !== undefined) (options.onLeftOut ?? console.warn)(leftOut);
  const files = [...train.files, ...(test?.files ?? [])];
  const channels = options.channels ?? ((await everyImageIsGrey(decoder, files)) ? 1 : 3);
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
  throw fail(ACTION, 'channels must be 1 for grey or 3 for colour', 'channels', channels);
}

function checkListener(onLeftOut: unknown): void {
  if (onLeftOut === undefined || typeof onLeftOut === 'function') return;
  throw typeError(ACTION, 'onLeftOut must be a function', 'onLeftOut', onLeftOut);
}

/** What an image is stretched to, in pixels, and its channels: 1 for grey, 3 for colour. */
export interface DecodedSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** The pixels of one image file, from 0 to 255, [height, width, channels]. */
export async function readImage(file: string, size: DecodedSize): Promise<Uint8Array> {
  await checkImage(ACTION, file);
  return decode(await loadOptional(ACTION, 'sharp', async () => (await import('sharp')).default), file, size);
}

async function everyImageIsGrey(decoder: Sharp, files: readonly LabelledFile[]): Promise<boolean> {
  for (const { file } of files) {
    const { space } = await readable(decoder, file, (image) => image.metadata());
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
  return readable(decoder, file, (image) =>
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
 * Decodes a file. The decoder gets its bytes, not its name: it keeps what it has read of a name, also where the file has
 * changed, and takes `[…]` at the end of a name for settings.
 */
async function readable<T>(decoder: Sharp, file: string, read: (image: sharp.Sharp) => Promise<T>): Promise<T> {
  const bytes = await readRegularFile(ACTION, file, MAX_BYTES);
  const open = (): sharp.Sharp => decoder(bytes, { limitInputPixels: MAX_PIXELS });
  const { width, height } = await complete(file, () => open().metadata());
  if (Math.max(width, height) > MAX_SIDE) {
    throw new CorruptFileError(ACTION, `every image must be at most ${MAX_SIDE} pixels wide and high`, file);
  }
  return complete(file, () => read(open()));
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
