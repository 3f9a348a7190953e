/** Options of the functions that load images from files. */
import { checkBoolean, checkInteger, checkOneOf, rangeError, typeError, type Action } from '../errors.js';
import { MAX_SEED } from '../kernel/philox.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkPath } from '../support/check_path.js';
import { CACHES, type CacheName } from './caches.js';
import { checkCallback } from './checks.js';
import {
  checkPreprocessing,
  choosePreprocessing,
  PREPROCESSING_OPTIONS,
  type Preprocessing,
  type PreprocessingOptions,
} from './preprocessing.js';

/** Largest height and width that libvips can resize to. */
const MAX_SIZE = 0x3fff;

/** Options of `loadImages`. */
export interface LoadImagesOptions extends PreprocessingOptions {
  /** Height and width to resize every image to, in pixels. @default 32 */
  size?: number;
  /** Number of channels: 1 for greyscale, 3 for colour. @default 1 if every image is greyscale, otherwise 3 */
  channels?: 1 | 3;
  /** In place of size, channels, fit, background and scaling: what a model expects, see `preprocessingOf`. */
  preprocessing?: Preprocessing;
  /** Random seed for splitting and shuffling, an integer from 0 to 2³² − 1. @default 1 */
  seed?: number;
  /**
   * Place of decoded images: in memory, in a file of `cacheFolder` where later runs find them, or nowhere, so that
   * they are read and decoded again in each epoch, in the background. @default 'memory' up to 200 MB, then 'none'
   */
  cache?: CacheName;
  /** Folder for the file of `cache: 'disk'`. */
  cacheFolder?: string;
  /** Passes over broken files, which are reported like other skipped files, instead of failing. @default false */
  skipBroken?: boolean;
  /** Called with one line about files that were skipped, if any. @default console.warn */
  onLeftOut?: (line: string) => void;
  /** Called with the numbers of images that have been checked and of all images. */
  onProgress?: (done: number, total: number) => void;
}

const OPTIONS: OptionNames<LoadImagesOptions> = {
  size: true,
  channels: true,
  ...PREPROCESSING_OPTIONS,
  preprocessing: true,
  seed: true,
  cache: true,
  cacheFolder: true,
  skipBroken: true,
  onLeftOut: true,
  onProgress: true,
};

/** Options that a complete preprocessing takes the place of. */
const PARTS = ['size', 'channels', 'fit', 'background', 'range', 'mean', 'std'] as const;

/** Checked options, with their defaults. */
export interface LoadOptions {
  readonly wanted: Wanted;
  readonly seed: number;
  readonly cache: CacheName | 'auto';
  readonly cacheFolder: string | undefined;
  readonly skipBroken: boolean;
  readonly onLeftOut: (line: string) => void;
  readonly onProgress: LoadImagesOptions['onProgress'];
}

/** Checks the options, and fills in defaults. */
export function readLoadOptions(action: Action, options: LoadImagesOptions): LoadOptions {
  checkOptions(action, options, OPTIONS);
  const { seed = 1, cache = 'auto', cacheFolder, skipBroken = false, onLeftOut = console.warn, onProgress } = options;
  checkInteger(action, 'seed', seed, 0, MAX_SEED);
  checkBoolean(action, 'skipBroken', skipBroken);
  checkCallback(action, 'onLeftOut', onLeftOut);
  checkCallback(action, 'onProgress', onProgress);
  checkCache(action, options.cache, cacheFolder);
  return { wanted: wantedOf(action, options), seed, cache, cacheFolder, skipBroken, onLeftOut, onProgress };
}

/** Throws unless a cache and its folder fit together. */
function checkCache(action: Action, cache: unknown, folder: unknown): void {
  if (cache !== undefined) checkOneOf(action, 'cache', cache, CACHES);
  if (folder !== undefined) checkPath(action, 'cacheFolder', folder);
  if (cache === 'disk' && folder === undefined) {
    throw typeError(action, "cache 'disk' must come with cacheFolder", 'cacheFolder', folder);
  }
}

/** The preprocessing that the options ask for. */
export interface Wanted {
  /** Undefined if the images decide. */
  readonly channels: 1 | 3 | undefined;
  readonly complete: (channels: 1 | 3) => Preprocessing;
}

/** Checks the options of the preprocessing. */
function wantedOf(action: Action, options: LoadImagesOptions): Wanted {
  const { size = 32, preprocessing, channels = channelsOf(options) } = options;
  if (preprocessing !== undefined) {
    const given = PARTS.find((name) => options[name] !== undefined);
    if (given !== undefined) {
      throw typeError(action, `${given} must not come with preprocessing`, given, options[given]);
    }
    checkPreprocessing(action, preprocessing);
    return { channels: preprocessing.channels, complete: () => preprocessing };
  }
  checkInteger(action, 'size', size, 1, MAX_SIZE);
  checkChannels(action, channels);
  const complete = (found: 1 | 3): Preprocessing =>
    choosePreprocessing(action, { height: size, width: size, channels: found }, options);
  complete(channels ?? 1);
  return { channels, complete };
}

/** Number of channels by the lists of `mean` and `std`. */
function channelsOf({ mean, std }: LoadImagesOptions): 1 | 3 | undefined {
  return [mean, std].some((list) => Array.isArray(list) && list.length > 1) ? 3 : undefined;
}

function checkChannels(action: Action, channels: unknown): void {
  if (channels === undefined || channels === 1 || channels === 3) return;
  const fail = typeof channels === 'number' ? rangeError : typeError;
  throw fail(action, 'channels must be 1 for greyscale or 3 for colour', 'channels', channels);
}
