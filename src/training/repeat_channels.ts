/** Colour images of grey ones. */
import { emptyPixels, type Dataset } from './dataset.js';

/** Repeats the one channel of grey images. */
export function repeatChannels(dataset: Dataset, channels: number): Dataset {
  const { images } = dataset;
  const repeated = emptyPixels(images, images.length * channels);
  for (let pixel = 0; pixel < images.length; pixel++) {
    repeated.fill(images[pixel]!, pixel * channels, (pixel + 1) * channels);
  }
  return { ...dataset, images: repeated, channels };
}
