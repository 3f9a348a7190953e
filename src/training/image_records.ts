/** Images with a label each, from a list of files or from the members of an archive. */
import { rangeError } from '../errors.js';
import { BrokenImages } from './broken_images.js';
import type { ImageLocation } from './decoder_worker_source.js';
import type { ClassFolder, ImageListing } from './image_listing.js';
import { SkippedFiles } from './skipped_files.js';

const ACTION = 'load the images';

/** Words for the parts of a data set, in lower case. */
export const PARTS = {
  train: ['train', 'training'],
  test: ['test', 'testing'],
  validation: ['val', 'valid', 'validation'],
} as const;

/** A part of a data set. */
export type Part = keyof typeof PARTS;

/** The part that a word stands for, in upper or lower case; undefined for any other word. */
export function partOf(word: string): Part | undefined {
  const names = Object.keys(PARTS) as Part[];
  return names.find((part) => (PARTS[part] as readonly string[]).includes(word.toLowerCase()));
}

/** An image and its class or classes. */
export interface ImageRecord {
  /** Path for errors. */
  readonly name: string;
  readonly location: ImageLocation;
  /** Name of the class or, if images may have several, of each of them. */
  readonly label: string | readonly string[];
  /** Undefined if the data set is not split. */
  readonly part?: Part | undefined;
}

/**
 * Sorts images by their labels. If there are test and validation images, the latter are skipped; without test images, they
 * take their place.
 *
 * @param root path of the list or the archive
 * @param named names of all classes, in order; otherwise those of the images are sorted
 * @throws RangeError if there are fewer than two classes, or only some of the images belong to a part
 */
export function sortRecords(
  root: string,
  records: readonly ImageRecord[],
  skipped = new SkippedFiles(root),
  broken = new BrokenImages(ACTION, root),
  named?: readonly string[],
): ImageListing {
  const classNames = [...new Set([...(named ?? []), ...records.flatMap(({ label }) => label)])];
  // Columns have an order of their own.
  if (named === undefined) classNames.sort(byName);
  if (classNames.length < 2) {
    throw rangeError(ACTION, 'the images must have at least two different labels', `labels of '${root}'`, classNames);
  }
  const numbers = new Map(classNames.map((name, index) => [name, index]));
  const select = (wanted: readonly (Part | undefined)[]): ClassFolder => ({
    classNames,
    places: classNames.map((name) => `${root}: ${name}`),
    images: records
      .filter(({ part }) => wanted.includes(part))
      .map(({ name, location, label }) => {
        if (typeof label === 'string') return { name, location, label: numbers.get(label)! };
        const classes = label.map((each) => numbers.get(each)!).sort((a, b) => a - b);
        return { name, location, label: classes[0] ?? 0, classes };
      }),
  });
  const parts = new Set(records.map(({ part }) => part));
  if (parts.size === 1 && parts.has(undefined)) return { train: select([undefined]), test: undefined, skipped, broken };
  const held = parts.has('test') ? 'test' : 'validation';
  if (parts.has(undefined) || !parts.has('train') || !parts.has(held)) {
    const rule = 'either no image may belong to a part, or each to train, and to test or validation';
    throw rangeError(ACTION, rule, `parts of '${root}'`, [...parts]);
  }
  if (held === 'test') skipped.add('file for validation', records.filter(({ part }) => part === 'validation').map(({ name }) => name)); // prettier-ignore
  return { train: select(['train']), test: select([held]), skipped, broken };
}

/** Sorts names, and numbers by their values. */
function byName(a: string, b: string): number {
  const [first, second] = [Number(a), Number(b)];
  if (Number.isInteger(first) && Number.isInteger(second) && first !== second) return first - second;
  return a < b ? -1 : 1;
}
