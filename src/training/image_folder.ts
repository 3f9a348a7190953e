import { checkOptions, type OptionNames } from '../support/check_options.js';
import type { SplitDataset } from './dataset.js';
import { indicesOf, readImages } from './image_source.js';
import { loadImages } from './load_images.js';
import type { LoadImagesOptions } from './load_options.js';
import { PREPROCESSING_OPTIONS } from './preprocessing.js';

const ACTION = 'load the images';

/** Options of `loadImageFolder`. */
export type ImageFolderOptions = Omit<LoadImagesOptions, 'cache' | 'cacheFolder'>;

const OPTIONS: OptionNames<ImageFolderOptions> = {
  size: true,
  channels: true,
  ...PREPROCESSING_OPTIONS,
  preprocessing: true,
  seed: true,
  skipBroken: true,
  onLeftOut: true,
  onProgress: true,
};

/**
 * Loads images sorted by class into memory: see `loadImages`, which reads them when they are needed.
 *
 * @param folder folder with one folder per class, or already split
 * @param options size, channels, fit, scaling, seed; see {@link ImageFolderOptions}
 * @returns images of size × size, in random order, with their preprocessing; classes sorted by name
 * @throws the errors of `loadImages`
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<SplitDataset> {
  checkOptions(ACTION, options, OPTIONS);
  const { name, train, test } = await loadImages(folder, { ...options, cache: 'memory' });
  return { name, train: await readImages(train, indicesOf(train)), test: await readImages(test, indicesOf(test)) };
}
