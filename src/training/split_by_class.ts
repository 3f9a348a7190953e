/** Splits images into training and test images, in the same way for the same seed. */
import { rangeError } from '../errors.js';
import { checkDataset } from './check_dataset.js';
import { selectImages, type Dataset, type SplitDataset } from './dataset.js';
import { countClasses } from './multi_hot.js';
import { permutation, Random } from './random.js';
import { stratify, TEST_FRACTION } from './stratify.js';

/**
 * Splits a data set class by class: a fifth of every class, at least one image, goes to the test set; about so many if images
 * have several classes.
 *
 * @param all images of all classes, at least two of each
 * @param seed random seed for splitting and shuffling, an integer from 0 to 2³² − 1
 * @returns training and test images, both in random order
 * @throws RangeError if a class has fewer than two images, or the data set is inconsistent
 * @example
 * ```ts
 * import { splitByClass } from 'tfjs-convolutions/training';
 *
 * const labels = Int32Array.from({ length: 20 }, (_, index) => index % 2);
 * const all = { images: new Uint8Array(20 * 16), labels, height: 4, width: 4, channels: 1, classNames: ['a', 'b'] };
 * const { train, test } = splitByClass(all, 1);
 * console.log(train.labels.length, test.labels.length); // 16 4
 * ```
 */
export function splitByClass(all: Dataset, seed: number): Pick<SplitDataset, 'train' | 'test'> {
  checkDataset('split the images', all);
  const { train, test } = splitIndices(all, seed);
  return { train: selectImages(all, train), test: selectImages(all, test) };
}

/** Indices of the training and of the test images. */
export function splitIndices(
  images: Pick<Dataset, 'labels' | 'classNames' | 'multiHot'>,
  seed: number,
): { readonly train: number[]; readonly test: number[] } {
  const { labels, classNames, multiHot } = images;
  const order = permutation(labels.length, new Random(seed, 'split'));
  const counts = countClasses(images);
  const wanted = classNames.map((name, label) => {
    const count = counts[label]!;
    if (count < 2) throw rangeError('split the images', `class '${name}' must have at least two`, 'images', count);
    return Math.max(1, Math.round(count * TEST_FRACTION));
  });
  if (multiHot) return stratify(order, multiHot, counts, wanted);
  const train: number[] = [];
  const test: number[] = [];
  for (const index of order) {
    const label = labels[index]!;
    if (wanted[label]! > 0) {
      wanted[label]!--;
      test.push(index);
    } else {
      train.push(index);
    }
  }
  return { train, test };
}
