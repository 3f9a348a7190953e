/**
 * Folders of images by class: `folder/cat/1.jpg`, `folder/dog/2.png`. With `folder/train/…` and `folder/test/…` the
 * division is the folder's own; otherwise a fifth of every class becomes the test set, always the same for one seed.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type * as sharp from 'sharp';
import { checkInteger, CorruptFileError, rangeError, typeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { selectImages, type Dataset, type SplitDataset } from './dataset.js';
import { loadOptional } from './optional_package.js';
import { MAX_SEED, permutation, Random } from './random.js';
import { splitByClass } from './split_by_class.js';

const ACTION = 'load the images';
const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp'];
/** Largest height and width that libvips resizes to. */
const MOST_PIXELS = 0x3fff;
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
}

const OPTIONS: OptionNames<ImageFolderOptions> = { size: true, channels: true, seed: true };

type Sharp = typeof sharp.default;

interface LabelledFile {
  readonly file: string;
  readonly label: number;
}

/**
 * Loads a folder of images by class (jpg, png, webp).
 *
 * @param folder folder with one folder per class, or with `train` and `test`, each with one folder per class
 * @param options size, channels, seed; see {@link ImageFolderOptions}
 * @returns images stretched to size × size, in random order; classes in the order of their names
 * @throws MissingPackageError if the package `sharp` is not installed; RangeError if there are fewer than two classes, a
 * class without enough images, or differing classes; CorruptFileError if an image cannot be read
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<SplitDataset> {
  checkOptions(ACTION, options, OPTIONS);
  const { size = 32, seed = 1 } = options;
  checkInteger(ACTION, 'size', size, 1, MOST_PIXELS);
  checkInteger(ACTION, 'seed', seed, 0, MAX_SEED);
  checkChannels(options.channels);
  const decoder = await loadOptional(ACTION, 'sharp', async () => (await import('sharp')).default);
  const parts = await listParts(folder);
  const files = [...parts.train.files, ...(parts.test?.files ?? [])];
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
  const all = await read(parts.train);
  if (!parts.test) return { name, ...splitByClass(all, seed) };
  const order = permutation(all.labels.length, new Random(seed, 'split'));
  return { name, train: selectImages(all, order), test: await read(parts.test) };
}

function checkChannels(channels: unknown): void {
  if (channels === undefined || channels === 1 || channels === 3) return;
  const fail = typeof channels === 'number' ? rangeError : typeError;
  throw fail(ACTION, 'channels must be 1 for grey or 3 for colour', 'channels', channels);
}

/** What an image is stretched to, in pixels, and its channels: 1 for grey, 3 for colour. */
export interface DecodedSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** The pixels of one image file, from 0 to 255, [height, width, channels]. */
export async function readImage(file: string, size: DecodedSize): Promise<Uint8Array> {
  return decode(await loadOptional(ACTION, 'sharp', async () => (await import('sharp')).default), file, size);
}

interface ClassFolder {
  readonly classNames: readonly string[];
  readonly files: readonly LabelledFile[];
}

async function listParts(folder: string): Promise<{ train: ClassFolder; test?: ClassFolder }> {
  const names = await subfolders(folder);
  if (!names.includes('train') || !names.includes('test')) return { train: await listClasses(folder, 2) };
  const train = await listClasses(path.join(folder, 'train'), 1);
  const test = await listClasses(path.join(folder, 'test'), 1);
  if (train.classNames.join('/') !== test.classNames.join('/')) {
    const rule = `train and test must have the same classes (${train.classNames.join(', ')})`;
    throw rangeError(ACTION, rule, 'classes of test', test.classNames);
  }
  return { train, test };
}

/** The classes of a folder and their images, each with at least `minimum`. */
async function listClasses(folder: string, minimum: number): Promise<ClassFolder> {
  const classNames = await subfolders(folder);
  if (classNames.length < 2) {
    throw rangeError(ACTION, 'the folder must hold one folder of images per class, at least two', 'folder', folder);
  }
  const files: LabelledFile[] = [];
  for (const [label, name] of classNames.entries()) {
    const inside = (await fs.readdir(path.join(folder, name))).sort();
    const images = inside.filter((file) => EXTENSIONS.includes(path.extname(file).toLowerCase()));
    if (images.length < minimum) {
      const rule = `every class must have at least ${minimum} image${minimum === 1 ? '' : 's'} (${EXTENSIONS.join(', ')})`;
      throw rangeError(ACTION, rule, 'folder', path.join(folder, name));
    }
    files.push(...images.map((file) => ({ file: path.join(folder, name, file), label })));
  }
  return { classNames, files };
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const isFolder = await Promise.all(
    entries.map(async (entry) => {
      if (entry.name.startsWith('.')) return false;
      return entry.isSymbolicLink()
        ? (await fs.stat(path.join(folder, entry.name))).isDirectory()
        : entry.isDirectory();
    }),
  );
  return entries
    .filter((_, index) => isFolder[index])
    .map((entry) => entry.name)
    .sort();
}

async function everyImageIsGrey(decoder: Sharp, files: readonly LabelledFile[]): Promise<boolean> {
  for (const { file } of files) {
    const { space } = await readable(file, () => decoder(file).metadata());
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
  return readable(file, () =>
    decoder(file)
      .autoOrient()
      .flatten()
      .resize(width, height, { fit: 'fill' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer(),
  );
}

async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch {
    throw new CorruptFileError(ACTION, 'every image must be a complete, readable jpg, png or webp', file);
  }
}
