/**
 * IDX files, the format of MNIST, Fashion-MNIST and similar data sets: two zero bytes, a type byte (8 for unsigned bytes), the
 * number of dimensions, their sizes as big-endian u32, then the values. Format: "The MNIST database", Y. LeCun et al.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { checkInteger, CorruptFileError, rangeError } from '../errors.js';
import { openRegularFile, readBytes, type OpenFile } from '../support/regular_file.js';
import type { Dataset, SplitDataset } from './dataset.js';
import { checkPath } from '../support/check_path.js';
import { fileError } from '../support/file_error.js';

const ACTION = 'read the IDX file';
const UNSIGNED_BYTES = 8;

/** The four files of a data set; both `train-images-idx3-ubyte` and `train-images.idx3-ubyte` are in use. */
const PARTS = {
  trainImages: /^train-images[-.]idx3-ubyte(\.gz)?$/,
  trainLabels: /^train-labels[-.]idx1-ubyte(\.gz)?$/,
  testImages: /^t10k-images[-.]idx3-ubyte(\.gz)?$/,
  testLabels: /^t10k-labels[-.]idx1-ubyte(\.gz)?$/,
} as const;

/** Contents of an IDX file. */
export interface IdxArray {
  /** Shape of the array, such as [60000, 28, 28]. */
  readonly shape: readonly number[];
  /** Values in row-major order. */
  readonly values: Uint8Array;
}

/** Tests whether a folder contains any of the files that `loadIdx` reads. */
export async function isIdxFolder(folder: string): Promise<boolean> {
  const names = await listFolder(folder);
  return names.some((name) => Object.values(PARTS).some((pattern) => pattern.test(name)));
}

/**
 * Reads one IDX file of unsigned bytes, gzipped or not, which is recognized by its contents, not by its name. Nothing
 * beyond the length stated in the header is decompressed.
 *
 * @param file path of the file
 * @param dimensions number of dimensions that the array must have
 * @throws CorruptFileError if the magic number is wrong or the length does not match the shape; RangeError if there is no
 * such file
 */
export async function readIdx(file: string, dimensions: number): Promise<IdxArray> {
  checkPath(ACTION, 'file', file);
  checkInteger(ACTION, 'dimensions', dimensions, 1);
  return openRegularFile(ACTION, file, async (open) => {
    const start = await readBytes(open.handle, 0, headerBytes(dimensions));
    const isGzip = start[0] === 0x1f && start[1] === 0x8b;
    return isGzip ? readGzip(open, dimensions, file) : readPlain(open, start, dimensions, file);
  });
}

/**
 * Loads a data set of four IDX files, gzipped or not, named as those of MNIST: `train-images-idx3-ubyte`,
 * `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`.
 *
 * @param folder folder of the files
 * @returns greyscale images, split into training and test images as the files are; class names are the labels
 * @throws RangeError if a file is missing; CorruptFileError if a file is corrupt, or images and labels do not match
 */
export async function loadIdx(folder: string): Promise<SplitDataset> {
  const names = (await listFolder(folder)).sort();
  const find = (part: keyof typeof PARTS): string => {
    const name = names.find((candidate) => PARTS[part].test(candidate));
    if (name === undefined) {
      const wanted = PARTS[part].source.replace(/^\^|\(.*$/g, '').replace('[-.]', '-');
      throw rangeError('load IDX files', `the folder must contain ${wanted} or ${wanted}.gz`, 'folder', folder);
    }
    return path.join(folder, name);
  };
  const train = await loadPart(find('trainImages'), find('trainLabels'));
  const test = await loadPart(find('testImages'), find('testLabels'));
  const [first, second] = [train.images.shape, test.images.shape];
  if (first[1] !== second[1] || first[2] !== second[2]) {
    const rule = `test images must be the same size as training images (${first.slice(1).join(' × ')})`;
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
    throw new CorruptFileError('load IDX files', 'the file must contain at least one image', imageFile);
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

async function readPlain(
  { handle, size }: OpenFile,
  start: Buffer,
  dimensions: number,
  file: string,
): Promise<IdxArray> {
  const { shape, length } = readHeader(start, dimensions, file);
  checkLength(shape, length, size, file);
  return { shape, values: new Uint8Array(await readBytes(handle, start.length, size - start.length)) };
}

async function readGzip({ handle }: OpenFile, dimensions: number, file: string): Promise<IdxArray> {
  const parts: Buffer[] = [];
  let received = 0;
  let header: IdxHeader | undefined;
  for await (const part of decompress(handle, file)) {
    parts.push(part);
    received += part.length;
    if (header === undefined && received >= headerBytes(dimensions)) {
      header = readHeader(Buffer.concat(parts), dimensions, file);
    }
    if (header !== undefined && received > header.length) {
      checkLength(header.shape, header.length, `${received} or more`, file);
    }
  }
  const bytes = Buffer.concat(parts, received);
  const { shape, length } = header ?? readHeader(bytes, dimensions, file);
  checkLength(shape, length, received, file);
  return { shape, values: new Uint8Array(bytes.subarray(headerBytes(dimensions))) };
}

async function* decompress(handle: fs.FileHandle, file: string): AsyncGenerator<Buffer> {
  // Errors are thrown by the iteration below.
  const decompressed = pipeline(
    handle.createReadStream({ start: 0, autoClose: false }),
    createGunzip(),
    () => undefined,
  );
  try {
    for await (const part of decompressed) yield part as Buffer;
  } catch {
    throw new CorruptFileError(ACTION, 'the file must be complete gzip data', file);
  }
}

interface IdxHeader {
  readonly shape: readonly number[];
  /** Length of the whole file in bytes, decompressed. */
  readonly length: number;
}

function headerBytes(dimensions: number): number {
  return 4 + 4 * dimensions;
}

/** Parses the shape at the start of a file. */
function readHeader(bytes: Buffer, dimensions: number, file: string): IdxHeader {
  const magic = bytes.length >= 4 ? bytes.readUInt32BE(0) : undefined;
  const expected = UNSIGNED_BYTES * 256 + dimensions;
  if (magic !== expected) {
    const received = magic === undefined ? 'is too short for one' : `has ${magic}`;
    throw new CorruptFileError(ACTION, `the magic number must be ${expected}, the file ${received}`, file);
  }
  const start = headerBytes(dimensions);
  if (bytes.length < start) {
    throw new CorruptFileError(ACTION, `the header must have ${start} bytes, the file has ${bytes.length}`, file);
  }
  const shape = Array.from({ length: dimensions }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  // Beyond 2⁵³ the product is rounded, but no file is that long.
  return { shape, length: start + shape.reduce((product, size) => product * size, 1) };
}

function checkLength(shape: readonly number[], length: number, received: number | string, file: string): void {
  if (received === length) return;
  const rule = `values of shape [${shape.join(', ')}] must take ${length} bytes, the file has ${received}`;
  throw new CorruptFileError(ACTION, rule, file);
}

async function listFolder(folder: string): Promise<string[]> {
  const action = 'load IDX files';
  checkPath(action, 'folder', folder);
  try {
    return await fs.readdir(folder);
  } catch (error) {
    throw fileError(action, folder, error);
  }
}
