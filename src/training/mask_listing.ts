/**
 * Lists images and their masks: `images` and `masks` in one folder, or in `train` and `test` each; files that belong together
 * have the same name apart from its extension.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { CorruptFileError, rangeError } from '../errors.js';
import { readRegularFile } from '../support/regular_file.js';
import { BrokenImages } from './broken_images.js';
import type { LabelledImage } from './image_listing.js';
import { folderTree, LOOP, type FileTree } from './image_tree.js';
import { IGNORED } from './masks.js';
import { SkippedFiles } from './skipped_files.js';
import { findSplits } from './split_folders.js';

/** File with the names of the classes. */
export const CLASSES_FILE = 'classes.json';
/** Names of the two folders, in upper or lower case. */
const [IMAGES, MASKS] = ['images', 'masks'] as const;
/** Most bytes of the file of the classes. */
const MAX_CLASSES_BYTES = 1e6;
const MAX_CLASSES = 255;

/** An image and its mask. */
export interface MaskedImage {
  readonly image: LabelledImage;
  /** Path of the mask; undefined if there is none. */
  readonly mask: string | undefined;
}

/** Images with masks in a folder. */
export interface MaskListing {
  readonly classNames: readonly string[];
  /** Class of each number in a mask; undefined for one that is no class. */
  readonly classOf: ReadonlyMap<number, number>;
  readonly train: readonly MaskedImage[];
  /** Undefined if the folder is not split. */
  readonly test: readonly MaskedImage[] | undefined;
  readonly skipped: SkippedFiles;
  readonly broken: BrokenImages;
}

/**
 * Lists a folder.
 *
 * @throws RangeError if the folders are missing; CorruptFileError if the file of the classes is
 */
export async function listMasks(action: string, root: string): Promise<MaskListing> {
  const tree = folderTree(action, root);
  const [skipped, broken] = [new SkippedFiles(root), new BrokenImages(action, root)];
  const classes = await readClasses(action, path.join(root, CLASSES_FILE));
  const folders: string[] = [];
  for (const { name, kind } of await tree.list('')) {
    if (kind === 'folder') folders.push(name);
    else if (name !== CLASSES_FILE) skipped.add('file beside the folders', [name]);
  }
  const parts = findSplits(action, root, folders);
  const own = parts ? undefined : findPair(folders);
  if (!parts && !own) {
    throw rangeError(action, `the folder must contain ${IMAGES} and ${MASKS}, or train and test or val with both`, 'folder', root); // prettier-ignore
  }
  const used = Object.values({ ...parts, ...own });
  skipped.add(
    'folder',
    folders.filter((name) => !used.includes(name)),
  );
  const list = async (folder: string): Promise<MaskedImage[]> => {
    const inside = (await tree.list(folder)).filter(({ kind }) => kind === 'folder').map(({ name }) => name);
    const pair = findPair(inside);
    if (pair) return listPart(action, tree, folder, pair, { skipped, broken });
    throw rangeError(action, `the folder must contain ${IMAGES} and ${MASKS}`, 'folder', path.join(root, folder));
  };
  const [train, test] = parts ? [await list(parts.train), await list(parts.test)] : [await list(''), undefined];
  return { ...classes, train, test, skipped, broken };
}

/** Names of the folders of images and of masks. */
interface Pair {
  readonly images: string;
  readonly masks: string;
}

function findPair(folders: readonly string[]): Pair | undefined {
  const [images, masks] = [IMAGES, MASKS].map((wanted) => folders.find((name) => name.toLowerCase() === wanted));
  return images === undefined || masks === undefined ? undefined : { images, masks };
}

async function listPart(
  action: string,
  tree: FileTree,
  folder: string,
  pair: Pair,
  { skipped, broken }: { readonly skipped: SkippedFiles; readonly broken: BrokenImages },
): Promise<MaskedImage[]> {
  const filesIn = async (place: string, found = new Map<string, string>()): Promise<Map<string, string>> => {
    for (const { name, kind, error } of await tree.list(place)) {
      const file = path.join(place, name);
      if (kind === 'folder') await filesIn(file, found);
      else if (kind === 'broken') broken.add(path.join(tree.root, file), error!);
      else if (kind === 'image') addOnce(action, found, file);
      else skipped.add(kind === LOOP ? LOOP : 'file in another format', [file]);
    }
    return found;
  };
  const images = await filesIn(path.join(folder, pair.images));
  const masks = await filesIn(path.join(folder, pair.masks));
  const relative = (file: string, part: string): string => path.relative(path.join(folder, part), stem(file));
  const byName = new Map([...masks.values()].map((file) => [relative(file, pair.masks), file]));
  const list = [...images.values()].map((file) => {
    const mask = byName.get(relative(file, pair.images));
    byName.delete(relative(file, pair.images));
    const name = path.join(tree.root, file);
    return { image: { name, location: { path: name }, label: 0 }, mask: mask && path.join(tree.root, mask) };
  });
  skipped.add('mask without an image', [...byName.values()]);
  if (list.length === 0) throw rangeError(action, 'it must contain images', 'folder', path.join(tree.root, folder, pair.images)); // prettier-ignore
  return list;
}

/** Adds a file, unless there is another one of its name. */
function addOnce(action: string, found: Map<string, string>, file: string): void {
  const other = found.get(stem(file));
  if (other !== undefined) {
    throw rangeError(action, 'no two files may differ in their extensions alone', 'files', [other, file]);
  }
  found.set(stem(file), file);
}

function stem(file: string): string {
  return file.slice(0, file.length - path.extname(file).length);
}

/** Reads the names of the classes: a list, or an object with the number of each one in the masks. */
async function readClasses(action: string, file: string): Promise<Pick<MaskListing, 'classNames' | 'classOf'>> {
  if (!(await fs.stat(file).catch(() => undefined))) {
    const rule = 'a folder of images and masks must have the names of its classes, such as ["ground", "road"]';
    throw rangeError(action, rule, 'file', file);
  }
  const text = (await readRegularFile(action, file, MAX_CLASSES_BYTES)).toString('utf8');
  const fail = (rule: string): never => {
    throw new CorruptFileError(action, rule, file);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail('it must be a JSON file');
  }
  if (typeof value !== 'object' || value === null) fail('it must be a list of names, or an object of numbers by name');
  const entries: [unknown, unknown][] = Array.isArray(value)
    ? value.map((name, number) => [name, number])
    : Object.entries(value as object);
  if (entries.length < 2 || entries.length > MAX_CLASSES) fail(`it must name from 2 to ${MAX_CLASSES} classes`);
  const classOf = new Map<number, number>();
  const names = entries.map(([name, number], index) => {
    if (typeof name !== 'string' || name === '') return fail('every class must have a name');
    if (!Number.isInteger(number) || (number as number) < 0 || (number as number) > IGNORED) {
      return fail(`the number of every class must be an integer from 0 to ${IGNORED} ('${name}' has another)`);
    }
    if (classOf.has(number as number)) return fail(`no two classes may have the same number (${number as number})`);
    classOf.set(number as number, index);
    return name;
  });
  if (new Set(names).size < names.length) fail('no two classes may have the same name');
  return { classNames: names, classOf };
}
