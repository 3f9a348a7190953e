/**
 * IDX files, as MNIST, Fashion-MNIST and their relatives ship: two zero bytes, a type byte (8 for unsigned bytes), the
 * number of dimensions, their sizes as big-endian u32, then the values. Format: "The MNIST database", Y. LeCun et al.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { checkInteger, CorruptFileError, rangeError } from '../errors.js';
import type { Dataset, SplitDataset } from './dataset.js';

const ACTION = 'read the IDX file';
const UNSIGNED_BYTES = 8;

/** The four files of a data set; both `train-images-idx3-ubyte` and `train-images.idx3-ubyte` are in use. */
const PARTS = {
  trainImages: /^train-images[-.]idx3-ubyte(\.gz)?$/,
  trainLabels: /^train-labels[-.]idx1-ubyte(\.gz)?$/,
  testImages: /^t10k-images[-.]idx3-ubyte(\.gz)?$/,
  testLabels: /^t10k-labels[-.]idx1-ubyte(\.gz)?$/,
} as const;

/** What an IDX file holds. */
export interface IdxArray {
  /** Sizes of its dimensions, such as [60000, 28, 28]. */
  readonly shape: readonly number[];
  /** Values in row-major order. */
  readonly values: Uint8Array;
}

/** Whether a folder holds any of the files that `loadIdx` reads. */
export async function isIdxFolder(folder: string): Promise<boolean> {
  const names = await fs.readdir(folder);
  return names.some((name) => Object.values(PARTS).some((pattern) => pattern.test(name)));
}

/**
 * Reads one IDX file of unsigned bytes.
 *
 * @param file path of the file; when its name ends in `.gz` it is unpacked
 * @param dimensions number of dimensions that it must have
 * @throws CorruptFileError if the magic number is another or the length is not what the sizes say
 */
export async function readIdx(file: string, dimensions: number): Promise<IdxArray> {
  checkInteger(ACTION, 'dimensions', dimensions, 1);
  const bytes = await readBytes(file);
  const headerBytes = 4 + 4 * dimensions;
  const magic = bytes.length >= 4 ? bytes.readUInt32BE(0) : undefined;
  const expected = UNSIGNED_BYTES * 256 + dimensions;
  if (magic !== expected) {
    const received = magic === undefined ? 'is too short for one' : `has ${magic}`;
    throw new CorruptFileError(ACTION, `the magic number must be ${expected}, the file ${received}`, file);
  }
  if (bytes.length < headerBytes) {
    throw new CorruptFileError(ACTION, `the header must have ${headerBytes} bytes, the file has ${bytes.length}`, file);
  }
  const shape = Array.from({ length: dimensions }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const length = headerBytes + shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== length) {
    const rule = `[${shape.join(', ')}] values must make ${length} bytes, the file has ${bytes.length}`;
    throw new CorruptFileError(ACTION, rule, file);
  }
  return { shape, values: new Uint8Array(bytes.subarray(headerBytes)) };
}

/**
 * Loads a data set of four IDX files, gzipped or not, under the names of MNIST: `train-images-idx3-ubyte`,
 * `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`.
 *
 * @param folder folder of the files
 * @returns grey images with the division that the files make; class names are the labels
 * @throws RangeError if a file is missing; CorruptFileError if one is damaged, or images and labels do not match
 */
export async function loadIdx(folder: string): Promise<SplitDataset> {
  const names = (await fs.readdir(folder)).sort();
  const find = (part: keyof typeof PARTS): string => {
    const name = names.find((candidate) => PARTS[part].test(candidate));
    if (name === undefined) {
      const wanted = PARTS[part].source.replace(/^\^|\(.*$/g, '').replace('[-.]', '-');
      throw rangeError('load IDX files', `the folder must hold ${wanted} or ${wanted}.gz`, 'folder', folder);
    }
    return path.join(folder, name);
  };
  const train = await loadPart(find('trainImages'), find('trainLabels'));
  const test = await loadPart(find('testImages'), find('testLabels'));
  const [first, second] = [train.images.shape, test.images.shape];
  if (first[1] !== second[1] || first[2] !== second[2]) {
    const rule = `test images must be of the size of training images (${first.slice(1).join(' × ')})`;
    throw new CorruptFileError('load IDX files', rule, find('testImages'));
  }
  const classes = train.labels.reduce((most, label) => Math.max(most, label + 1), 0);
  if (test.labels.some((label) => label >= classes)) {
    const rule = `test labels must be among the training labels (0 to ${classes - 1})`;
    throw new CorruptFileError('load IDX files', rule, find('testLabels'));
  }
  const classNames = Array.from({ length: classes }, (_, label) => String(label));
  return {
    name: path.basename(path.resolve(folder)),
    train: toDataset(train, classNames),
    test: toDataset(test, classNames),
  };
}

interface Part {
  readonly images: IdxArray;
  readonly labels: Uint8Array;
}

async function loadPart(imageFile: string, labelFile: string): Promise<Part> {
  const images = await readIdx(imageFile, 3);
  const labels = await readIdx(labelFile, 1);
  if (images.values.length === 0) {
    throw new CorruptFileError('load IDX files', 'the file must hold at least one image', imageFile);
  }
  if (labels.shape[0] !== images.shape[0]) {
    const rule = `there must be one label per image (${images.shape[0]} images, ${labels.shape[0]} labels)`;
    throw new CorruptFileError('load IDX files', rule, labelFile);
  }
  return { images, labels: labels.values };
}

function toDataset({ images, labels }: Part, classNames: readonly string[]): Dataset {
  const [, height, width] = images.shape;
  return {
    images: images.values,
    labels: Int32Array.from(labels),
    height: height!,
    width: width!,
    channels: 1,
    classNames,
  };
}

async function readBytes(file: string): Promise<Buffer> {
  const bytes = await fs.readFile(file);
  if (!file.endsWith('.gz')) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch {
    throw new CorruptFileError(ACTION, 'the file must be complete gzip data', file);
  }
}
