/** A batch of a training step: what the network takes, and what it should give. */
import { drawMotion, type Augmentation } from './augmentation.js';
import { batchPixels } from './batch_pixels.js';
import type { Dataset } from './dataset.js';
import { indicesOf } from './image_source.js';
import { maskTruth, type Masks } from './masks.js';
import { mixBatch } from './mix_batch.js';
import { moveMask } from './move_mask.js';
import { oneHot } from './one_hot.js';
import { drawOperations, moveMaskBy } from './rand_augment.js';
import { Random } from './random.js';

/** Step that a batch belongs to. */
export interface BatchStep {
  readonly augmentation: Augmentation | false;
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
  /** Numbers of the images in the whole data set. */
  readonly numbers: ArrayLike<number>;
}

/** Values of a batch. */
export interface TrainingBatch {
  /** [batch, height, width, channels] */
  readonly pixels: Float32Array;
  /** Classes, one-hot (or several ones) [batch, classes] or [batch, height, width, classes] with zeros for no class; or mixed. */
  readonly truth: Float32Array;
  readonly truthShape: readonly number[];
  /** Class of each image, or of each position. */
  readonly classes: Int32Array | Uint8Array;
  /** Classes of images that may have several, [batch, classes]. */
  readonly multiHot?: Uint8Array;
}

/** Prepares a batch, changed at random as the step demands. */
export function trainingBatch(batch: Dataset, { augmentation, seed, epoch, step, numbers }: BatchStep): TrainingBatch {
  const { labels, classNames } = batch;
  const augmented = augmentation ? { augmentation, seed, epoch, numbers } : undefined;
  const pixels = batchPixels(batch, indicesOf(batch), augmented);
  if (batch.masks) {
    const masks = augmented ? movedMasks(batch.masks, augmented) : batch.masks;
    const truthShape = [labels.length, masks.height, masks.width, classNames.length];
    return { pixels, truth: maskTruth(masks, classNames.length), truthShape, classes: masks.values };
  }
  const { multiHot } = batch;
  const truth = multiHot ? Float32Array.from(multiHot) : oneHot(labels, classNames.length);
  const { mixup = 0, cutmix = 0 } = augmentation || {};
  if (mixup > 0 || cutmix > 0) {
    mixBatch(pixels, truth, batch, { mixup, cutmix }, new Random(seed, 'mixing', epoch, step));
  }
  const truthShape = [labels.length, classNames.length];
  return { pixels, truth, truthShape, classes: labels, ...(multiHot && { multiHot }) };
}

/** Masks moved as their images are: the same numbers are drawn for both. */
function movedMasks(
  masks: Masks,
  { augmentation, seed, epoch, numbers }: Omit<BatchStep, 'step'> & { readonly augmentation: Augmentation },
): Masks {
  const size = masks.height * masks.width;
  const values = new Uint8Array(masks.values.length);
  for (let i = 0; i < numbers.length; i++) {
    const random = new Random(seed, 'augmentation', epoch, numbers[i]);
    const motion = drawMotion(augmentation, masks, random);
    const part = [i * size, (i + 1) * size] as const;
    const moved = values.subarray(...part);
    moveMask(masks.values.subarray(...part), moved, masks, motion);
    if (augmentation.rand) moveMaskBy(moved, masks, drawOperations(augmentation.rand, random));
  }
  return { ...masks, values };
}
