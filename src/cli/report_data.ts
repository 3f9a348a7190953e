/** Lines about the images of a command. */
import type { CacheName } from '../training/caches.js';
import { isSource } from '../training/image_source.js';
import { count } from './format.js';
import { CACHE_FOLDER, type CommandData } from './load_data.js';

/** Seconds of waiting, and their fraction of a run, that are noticeable. */
const LEAST = 10;
const NOTICEABLE = 0.05;
/** Seconds between two lines. */
const INTERVAL = 10;

/** Creates a callback that prints from time to time how many images have been checked. */
export function reportChecked(): (done: number, total: number) => void {
  let last = performance.now();
  return (done, total) => {
    if (performance.now() - last < INTERVAL * 1000) return;
    last = performance.now();
    process.stdout.write(`checked ${count(done)} of ${count(total)} images\n`);
  };
}

/** Tells where decoded images are kept; no line for data that is in memory as it is. */
export function cacheLines({ train, test, cache }: CommandData): string[] {
  if (!isSource(train)) return [];
  const images = train.labels.length + test.labels.length;
  const size = `${count(Math.ceil((images * train.height * train.width * train.channels) / 1e6))} MB`;
  const places = {
    memory: `decoded in memory (${size})`,
    disk: `decoded in ${CACHE_FOLDER} (${size})`,
    none: `decoded again in each epoch (--cache disk keeps them, ${size})`,
  } as const satisfies Record<CacheName, string>;
  return [`images   ${places[cache]}`];
}

/** Tells how much of its time a run has waited for images, if it is noticeable. */
export function waitingLines(waited: number, seconds: number): string[] {
  const fraction = waited / seconds;
  if (waited < LEAST || !(fraction > NOTICEABLE)) return [];
  return [`waited for images ${Math.round(100 * fraction)} % of the time (--cache disk keeps them decoded)`];
}
