/**
 * The images of a folder by class, and the rules of what counts.
 *
 * - Split: `train` (or `training`) beside `test` (`testing`) or `val` (`valid`, `validation`), in any case of letters, is a
 *   division; with both, `test` is measured on and `val` is left out. Otherwise every folder is a class.
 * - What systems leave behind does not count: names that begin with a dot (`._cat.png`, `.DS_Store`), `__MACOSX`,
 *   `Thumbs.db`, `desktop.ini`, `@eaDir`.
 * - The content decides what is an image: jpg, png or webp. Something named as an image that is none is an error.
 * - Everything else (other formats, folders within a class, files beside the classes) is left out and named in one line.
 * - A link is what it leads to; one that leads nowhere is an error.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { oneLine, rangeError } from '../errors.js';
import { fileError } from '../support/file_error.js';
import { checkImage, isNamedAsImage, pathKind } from './image_kind.js';

const ACTION = 'load the images';
/** Names of a kind that is left out that are named. */
const NAMED = 3;
/** Classes that an error names. */
const NAMED_CLASSES = 10;
const SYSTEM_NAMES = new Set(['__macosx', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '@eadir']);

/** Names of folders that are parts of a divided data set, in lower case. */
const SPLITS = {
  train: ['train', 'training'],
  test: ['test', 'testing'],
  validation: ['val', 'valid', 'validation'],
} as const;

type Split = keyof typeof SPLITS;

/** An image and its class, an index into the names of the classes. */
export interface LabelledFile {
  readonly file: string;
  readonly label: number;
}

/** The classes of a folder and their images. */
export interface ClassFolder {
  readonly classNames: readonly string[];
  readonly files: readonly LabelledFile[];
}

/** What a folder holds. */
export interface ImageListing {
  readonly train: ClassFolder;
  /** Absent where the folder is not divided. */
  readonly test: ClassFolder | undefined;
  /** One line about what was left out; undefined where that is nothing. */
  readonly leftOut: string | undefined;
}

/**
 * Lists the images of a folder.
 *
 * @throws RangeError if there are fewer than two classes, a class without enough images, or differing classes;
 * CorruptFileError if something named as an image is none, or a link leads nowhere
 */
export async function listImages(folder: string): Promise<ImageListing> {
  const leftOut = new LeftOut(folder);
  const { folders, files } = await listFolder(folder);
  leftOut.add('file beside the folders', files);
  const parts = findSplits(folder, folders);
  if (!parts)
    return { train: await listClasses(folder, folders, 2, leftOut), test: undefined, leftOut: leftOut.line() };
  leftOut.add(
    'folder',
    folders.filter((name) => name !== parts.train && name !== parts.test),
  );
  const [train, test] = [await listPart(folder, parts.train, leftOut), await listPart(folder, parts.test, leftOut)];
  if (train.classNames.join('/') !== test.classNames.join('/')) {
    const rule = `${parts.train} and ${parts.test} must have the same classes (${listed(train.classNames)})`;
    throw rangeError(ACTION, rule, `classes of '${path.join(folder, parts.test)}'`, test.classNames);
  }
  return { train, test, leftOut: leftOut.line() };
}

/** The first of the names. */
function listed(names: readonly string[]): string {
  return oneLine(names.slice(0, NAMED_CLASSES).join(', ')) + (names.length > NAMED_CLASSES ? ', …' : '');
}

/** The parts of a divided folder; undefined where the folders are classes. */
function findSplits(
  folder: string,
  folders: readonly string[],
): { readonly train: string; readonly test: string } | undefined {
  const find = (split: Split): string | undefined => {
    const names: readonly string[] = SPLITS[split];
    const found = folders.filter((name) => names.includes(name.toLowerCase()));
    if (found.length < 2) return found[0];
    throw rangeError(ACTION, `one folder must be the ${split} part`, `folders of '${folder}'`, found);
  };
  const [train, test, validation] = [find('train'), find('test'), find('validation')];
  const held = test ?? validation;
  if (train !== undefined && held !== undefined) return { train, test: held };
  if (train === undefined && test !== undefined && validation !== undefined) {
    throw rangeError(ACTION, `beside ${test} and ${validation} there must be train`, 'folder', folder);
  }
  return undefined;
}

async function listPart(folder: string, part: string, leftOut: LeftOut): Promise<ClassFolder> {
  const place = path.join(folder, part);
  const { folders, files } = await listFolder(place);
  leftOut.add(
    'file beside the folders',
    files.map((name) => path.join(part, name)),
  );
  return listClasses(place, folders, 1, leftOut);
}

/** The classes of a folder and their images, each with at least `minimum`. */
async function listClasses(
  folder: string,
  classNames: readonly string[],
  minimum: number,
  leftOut: LeftOut,
): Promise<ClassFolder> {
  if (classNames.length < 2) {
    throw rangeError(ACTION, 'the folder must hold one folder of images per class, at least two', 'folder', folder);
  }
  const files: LabelledFile[] = [];
  for (const [label, name] of classNames.entries()) {
    const place = path.join(folder, name);
    const images: string[] = [];
    for (const entry of await readNames(place)) {
      const file = path.join(place, entry);
      const kind = await pathKind(ACTION, file);
      if (kind !== 'image' && isNamedAsImage(entry)) await checkImage(ACTION, file);
      if (kind === 'image') images.push(file);
      else leftOut.add(kind === 'other file' ? 'file of another format' : `${kind} within a class`, [file]);
    }
    if (images.length < minimum) {
      const rule = `every class must have at least ${minimum} image${minimum === 1 ? '' : 's'} (jpg, png, webp)`;
      throw rangeError(ACTION, rule, 'folder', place);
    }
    files.push(...images.map((file) => ({ file, label })));
  }
  return { classNames, files };
}

/** What a folder holds, in the order of the names: folders, and all else. */
async function listFolder(folder: string): Promise<{ readonly folders: string[]; readonly files: string[] }> {
  const folders: string[] = [];
  const files: string[] = [];
  for (const name of await readNames(folder)) {
    const kind = await pathKind(ACTION, path.join(folder, name));
    (kind === 'folder' ? folders : files).push(name);
  }
  return { folders, files };
}

/** The names in a folder that count, in their order. */
async function readNames(folder: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch((error: unknown) => {
    throw fileError(ACTION, folder, error);
  });
  return names.filter((name) => !name.startsWith('.') && !SYSTEM_NAMES.has(name.toLowerCase())).sort();
}

/** What was left out, by kind. */
class LeftOut {
  private readonly found = new Map<string, string[]>();

  constructor(private readonly folder: string) {}

  /** Notes paths, relative to the folder or below it. */
  add(kind: string, names: readonly string[]): void {
    if (names.length === 0) return;
    const relative = names.map((name) => (name.startsWith(this.folder) ? path.relative(this.folder, name) : name));
    this.found.set(kind, [...(this.found.get(kind) ?? []), ...relative]);
  }

  /** All of it in one line, with the first names of each kind. */
  line(): string | undefined {
    if (this.found.size === 0) return undefined;
    const kinds = [...this.found].map(([kind, names]) => {
      const more = names.length > NAMED ? ', …' : '';
      const plural = names.length === 1 ? kind : kind.replace(/^(special )?(file|folder)/, '$1$2s');
      return `${names.length} ${plural} (${names.slice(0, NAMED).join(', ')}${more})`;
    });
    return oneLine(`left out of '${this.folder}': ${kinds.join('; ')}`);
  }
}
