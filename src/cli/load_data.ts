/** `--data`: built-in scenes or digits, a folder of IDX files, or images by class in a folder, an archive or a list. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { CacheName } from '../training/caches.js';
import type { SplitDataset } from '../training/dataset.js';
import { isIdxFolder, loadIdx } from '../training/idx.js';
import { selectSource, type SplitImages } from '../training/image_source.js';
import { loadImages, type LoadedImages } from '../training/load_images.js';
import { isSourceName } from '../training/open_listing.js';
import { loadSegmentation } from '../training/load_segmentation.js';
import { loadMnist } from '../training/mnist.js';
import { choosePreprocessing, type Preprocessing, type PreprocessingOptions } from '../training/preprocessing.js';
import { repeatChannels } from '../training/repeat_channels.js';
import { fitSplit } from '../training/resize.js';
import { takeFirst } from '../training/take_first.js';
import type { TaskName } from './model_names.js';
import { RUNS_FOLDER } from './run_folder.js';
import { loadDigitScenes, SCENES } from './scenes/load_digit_scenes.js';

export const BUILT_IN_DATA = 'mnist';

/** Tests for the name of built-in data. */
export function isBuiltIn(data: string): boolean {
  return data === BUILT_IN_DATA || data === SCENES;
}

/** Folder of decoded images. */
export const CACHE_FOLDER = path.join(RUNS_FOLDER, 'cache');

/** Data to load, and its form. */
export interface DataSettings {
  /** `'scenes'`, `'mnist'` or the path of a folder, an archive or a list. */
  readonly data: string;
  /** @default 'classify' */
  readonly task?: TaskName;
  /** Height and width in pixels; undefined for the data's own, or 32 for a folder of images. */
  readonly size?: number | undefined;
  /** Fit, background and scaling of the images. */
  readonly chosen?: PreprocessingOptions;
  /** Complete preprocessing, in place of `size` and `chosen`. */
  readonly expected?: Preprocessing;
  /** Number of training images to use; undefined for all. */
  readonly limit?: number | undefined;
  /** Random seed for splitting a folder that has no test images of its own. */
  readonly seed: number;
  /** Place of decoded images; undefined for memory or, if there are too many, none. */
  readonly cache?: CacheName | undefined;
  /** True to pass over broken images. */
  readonly skipBroken?: boolean | undefined;
  /** Called with one line about files in a folder of images that were skipped. */
  readonly onLeftOut: (line: string) => void;
  /** Called with the numbers of images that have been checked and of all images. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Data of a command. */
export interface CommandData extends SplitImages {
  /** Place of decoded images. */
  readonly cache: CacheName;
}

/** Loads the images of `--data`, prepared and limited in number. */
export async function loadData(settings: DataSettings): Promise<CommandData> {
  const { data, limit } = settings;
  const own = settings.task === 'segment' && data !== SCENES ? undefined : await loadOwnSize(data, limit);
  if (own) {
    const limited = limit === undefined ? own : { ...own, train: takeFirst(own.train, limit) };
    return { ...prepareSplit(limited, settings), cache: 'memory' };
  }
  const loaded = await loadFolder(settings);
  if (limit === undefined || limit >= loaded.train.labels.length) return loaded;
  const first = Uint32Array.from({ length: limit }, (_, index) => index);
  return { ...loaded, train: selectSource(loaded.train, first) };
}

/** Fits images that have their own size, and records their preprocessing. */
function prepareSplit(split: SplitDataset, { size, chosen = {}, expected }: DataSettings): SplitDataset {
  const { train } = split;
  const channels = train.channels === 1 ? 1 : 3;
  const shape = { height: size ?? train.height, width: size ?? train.width, channels } as const;
  const preprocessing = expected ?? choosePreprocessing('load data', shape, chosen);
  const fitted = withChannels(fitSplit(split, preprocessing), preprocessing.channels);
  // A model of another number of channels is an error of its own.
  if (preprocessing.channels !== fitted.train.channels) return fitted;
  return { ...fitted, train: { ...fitted.train, preprocessing }, test: { ...fitted.test, preprocessing } };
}

/** Repeats the grey levels of images where colours are needed. */
function withChannels(split: SplitDataset, channels: 1 | 3): SplitDataset {
  if (channels !== 3 || split.train.channels !== 1) return split;
  return { ...split, train: repeatChannels(split.train, channels), test: repeatChannels(split.test, channels) };
}

/** Loads data whose images have a size of their own; undefined if it is a folder of image files. */
async function loadOwnSize(data: string, limit: number | undefined): Promise<SplitDataset | undefined> {
  if (data === SCENES) return loadDigitScenes(limit);
  if (data === BUILT_IN_DATA) return loadMnist();
  const stat = await fs.stat(data).catch(() => undefined);
  if (stat?.isFile() === true && isSourceName(data)) return undefined;
  if (!stat?.isDirectory()) {
    const rule = `--data must be '${SCENES}', '${BUILT_IN_DATA}', an existing folder, or a file named .tar, .zip, .csv or .json`;
    throw new Error(`Cannot load data: ${rule}, received --data = '${data}'`);
  }
  return (await isIdxFolder(data)) ? loadIdx(data) : undefined;
}

function loadFolder(settings: DataSettings): Promise<LoadedImages> {
  const { data, size, chosen, expected, seed, cache, skipBroken = false, onLeftOut, onProgress } = settings;
  const load = settings.task === 'segment' ? loadSegmentation : loadImages;
  return load(data, {
    ...(expected ? { preprocessing: expected } : { ...(size !== undefined && { size }), ...chosen }),
    ...(cache && { cache }),
    cacheFolder: CACHE_FOLDER,
    seed,
    skipBroken,
    onLeftOut,
    ...(onProgress && { onProgress }),
  });
}
