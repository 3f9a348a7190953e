/** `--data`: the built-in digits, a folder of IDX files, or a folder of images by class. */
import { promises as fs } from 'node:fs';
import type { SplitDataset } from '../training/dataset.js';
import { isIdxFolder, loadIdx } from '../training/idx.js';
import { loadImageFolder } from '../training/image_folder.js';
import { loadMnist } from '../training/mnist.js';
import { resizeSplit } from '../training/resize.js';
import { takeFirst } from '../training/take_first.js';

export const BUILT_IN_DATA = 'mnist';

/** Data to load, and its form. */
export interface DataSettings {
  /** `'mnist'` or the path of a folder. */
  readonly data: string;
  /** Height and width in pixels; undefined for the data's own, or 32 for a folder of images. */
  readonly size?: number | undefined;
  /** Channels of images in a folder; undefined for 1 if all images are greyscale, otherwise 3. */
  readonly channels?: 1 | 3 | undefined;
  /** Number of training images to use; undefined for all. */
  readonly limit?: number | undefined;
  /** Random seed for splitting a folder that has no test images of its own. */
  readonly seed: number;
  /** Called with one line about files in a folder of images that were skipped. */
  readonly onLeftOut: (line: string) => void;
}

/** Loads the images of `--data`, resized and limited in number. */
export async function loadData(settings: DataSettings): Promise<SplitDataset> {
  const { size, limit } = settings;
  const loaded = await loadAll(settings);
  const limited = limit === undefined ? loaded : { ...loaded, train: takeFirst(loaded.train, limit) };
  return size === undefined ? limited : resizeSplit(limited, size);
}

async function loadAll({ data, size, channels, seed, onLeftOut }: DataSettings): Promise<SplitDataset> {
  if (data === BUILT_IN_DATA) return loadMnist();
  const stat = await fs.stat(data).catch(() => undefined);
  if (!stat?.isDirectory()) {
    throw new Error(
      `Cannot load data: --data must be '${BUILT_IN_DATA}' or an existing folder, received --data = '${data}'`,
    );
  }
  if (await isIdxFolder(data)) return loadIdx(data);
  return loadImageFolder(data, {
    seed,
    onLeftOut,
    ...(size === undefined ? {} : { size }),
    ...(channels === undefined ? {} : { channels }),
  });
}
