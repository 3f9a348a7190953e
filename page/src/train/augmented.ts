/** Augmented copies of a few images, to show what training sees. */
import { augmentImages, type Dataset } from 'tfjs-convolutions/training';
import { decodePicture, toChannels } from './pictures.js';
import { AUGMENTED_SIDE, type AugmentedImage } from './protocol.js';

const CHANNELS = 3;
const SIZE = AUGMENTED_SIDE * AUGMENTED_SIDE * CHANNELS;
const FITTING = { height: AUGMENTED_SIDE, width: AUGMENTED_SIDE, fit: 'crop', background: [255, 255, 255] } as const;

/**
 * @param copies number of changed copies of each image, as one epoch after the other changes it
 * @param seed random seed of the changes
 */
export async function augmented(
  pictures: readonly Blob[],
  copies: number,
  seed: number,
): Promise<readonly AugmentedImage[]> {
  const images = new Uint8Array(pictures.length * SIZE);
  for (const [index, picture] of pictures.entries()) {
    images.set(toChannels(await decodePicture(picture, FITTING), CHANNELS), index * SIZE);
  }
  const dataset: Dataset = {
    images,
    labels: new Int32Array(pictures.length),
    height: AUGMENTED_SIDE,
    width: AUGMENTED_SIDE,
    channels: CHANNELS,
    classNames: ['images'],
  };
  const epochs = Array.from({ length: copies }, (_, epoch) => augmentImages(dataset, { seed, epoch }).images);
  return pictures.map((_, index) =>
    [images, ...epochs].map((pixels) => Uint8Array.from(pixels.subarray(index * SIZE, (index + 1) * SIZE))),
  );
}
