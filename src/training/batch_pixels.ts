import { augmentImage, type Augmentation } from './augmentation.js';
import { imageSize, isBytes, type Dataset } from './dataset.js';
import { Random } from './random.js';

/** Augmentation of one epoch. */
export interface EpochAugmentation {
  readonly augmentation: Augmentation;
  /** Seed of the run. */
  readonly seed: number;
  /** Number of the epoch, from 0. */
  readonly epoch: number;
}

/**
 * Pixels of a batch as a network takes them: floats [indices.length, height, width, channels].
 *
 * @param dataset images to select from
 * @param indices indices of the images in the batch
 * @param epoch augmentation to apply, if any
 */
export function batchPixels(dataset: Dataset, indices: ArrayLike<number>, epoch?: EpochAugmentation): Float32Array {
  const size = imageSize(dataset);
  const isScaled = isBytes(dataset.images);
  const pixels = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    const image = dataset.images.subarray(index * size, (index + 1) * size);
    const target = pixels.subarray(i * size, (i + 1) * size);
    if (epoch) {
      augmentImage(
        image,
        target,
        dataset,
        epoch.augmentation,
        new Random(epoch.seed, 'augmentation', epoch.epoch, index),
      );
    } else {
      target.set(image);
    }
    if (isScaled) for (let element = 0; element < size; element++) target[element] = target[element]! / 127.5 - 1;
  }
  return pixels;
}
