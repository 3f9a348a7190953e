import { checkInteger } from '../errors.js';
import { checkDataset } from './check_dataset.js';
import { selectImages, type Dataset } from './dataset.js';

/**
 * Takes the first images of a data set.
 *
 * @param dataset images to take from
 * @param count number of images to take; a data set with fewer images is returned in full
 * @returns a data set with copies of the images
 * @throws RangeError if the count is less than 1, or the data set is inconsistent
 * @example
 * ```ts
 * import { loadMnist, takeFirst } from 'tfjs-convolutions/training';
 *
 * const { train } = await loadMnist();
 * console.log(takeFirst(train, 100).images.length); // 78400
 * ```
 */
export function takeFirst(dataset: Dataset, count: number): Dataset {
  checkInteger('take the first images', 'count', count, 1);
  checkDataset('take the first images', dataset);
  const taken = Math.min(count, dataset.labels.length);
  return selectImages(
    dataset,
    Uint32Array.from({ length: taken }, (_, index) => index),
  );
}
