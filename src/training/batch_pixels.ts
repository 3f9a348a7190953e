import { augmentImage, type Augmentation } from './augmentation.js';
import { imageSize, isBytes, type Dataset } from './dataset.js';
import { DEFAULT_SCALING, scalePixels } from './preprocessing.js';
import { Random } from './random.js';

/** Augmentation of one epoch. */
export interface EpochAugmentation {
  readonly augmentation: Augmentation;
  /** Seed of the run. */
  readonly seed: number;
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Numbers of the images in the whole data set. @default their indices */
  readonly numbers?: ArrayLike<number>;
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
  const numbers = epoch?.numbers ?? indices;
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
        new Random(epoch.seed, 'augmentation', epoch.epoch, numbers[i]),
      );
    } else {
      target.set(image);
    }
  }
  if (isBytes(dataset.images)) {
    scalePixels(pixels, { ...(dataset.preprocessing ?? DEFAULT_SCALING), channels: dataset.channels });
  }
  return pixels;
}
