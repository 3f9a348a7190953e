/**
 * Lists the images in a folder by class, under these rules:
 *
 * - A folder with `train` (or `training`) and `test` (`testing`) or `val` (`valid`, `validation`), in upper or lower case,
 *   is already split; if both `test` and `val` exist, `test` is used and `val` is skipped. Otherwise every folder is a class.
 * - System files are ignored: names starting with a dot (`._cat.png`, `.DS_Store`), `__MACOSX`, `Thumbs.db`,
 *   `desktop.ini`, `@eaDir`.
 * - Images are recognized by their content: jpg, png or webp. A file named as an image that is not one is an error.
 * - Everything else (other formats, folders inside a class, files beside the classes) is skipped and reported in one line.
 * - Links are followed, except that a link to its own folder or to one around it is skipped and reported in the same line; a
 *   broken link is an error.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { oneLine, rangeError } from '../errors.js';
import { fileError } from '../support/file_error.js';
import { checkImage, isNamedAsImage, pathKind } from './image_kind.js';

const ACTION = 'load the images';
/** Most skipped files of one kind to name in the report. */
const MAX_NAMED = 3;
/** Most classes to name in an error. */
const MAX_NAMED_CLASSES = 10;
const SYSTEM_NAMES = new Set(['__macosx', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '@eadir']);

/** Kind of links that are skipped. */
const LOOP = 'link to a folder around it';

/** Folder names of the parts of a split data set, in lower case. */
const SPLITS = {
  train: ['train', 'training'],
  test: ['test', 'testing'],
  validation: ['val', 'valid', 'validation'],
} as const;

type Split = keyof typeof SPLITS;

/** An image file and its class. */
export interface LabelledFile {
  readonly file: string;
  /** Index into the class names. */
  readonly label: number;
}

/** Classes and images of one part of a data set. */
export interface ClassFolder {
  readonly classNames: readonly string[];
  readonly files: readonly LabelledFile[];
}

/** Images in a folder. */
export interface ImageListing {
  readonly train: ClassFolder;
  /** Undefined if the folder is not split. */
  readonly test: ClassFolder | undefined;
  /** One line about files that were skipped; undefined if there are none. */
  readonly leftOut: string | undefined;
}

/**
 * Lists the images in a folder.
 *
 * @throws RangeError if there are fewer than two classes, a class has too few images, or the two parts have different
 * classes; CorruptFileError if a file named as an image is not one, or a link is broken
 */
export async function listImages(folder: string): Promise<ImageListing> {
  const skipped = new SkippedFiles(folder);
  const { folders, files, loops } = await listFolder(folder);
  skipped.add('file beside the folders', files);
  skipped.add(LOOP, loops);
  const parts = findSplits(folder, folders);
  if (!parts) {
    return { train: await listClasses(folder, folders, 2, skipped), test: undefined, leftOut: skipped.summary() };
  }
  skipped.add(
    'folder',
    folders.filter((name) => name !== parts.train && name !== parts.test),
  );
  const [train, test] = [await listPart(folder, parts.train, skipped), await listPart(folder, parts.test, skipped)];
  if (train.classNames.join('/') !== test.classNames.join('/')) {
    const rule = `${parts.train} and ${parts.test} must have the same classes (${abbreviate(train.classNames)})`;
    throw rangeError(ACTION, rule, `classes of '${path.join(folder, parts.test)}'`, test.classNames);
  }
  return { train, test, leftOut: skipped.summary() };
}

/** Joins the first few of the names. */
function abbreviate(names: readonly string[]): string {
  return oneLine(names.slice(0, MAX_NAMED_CLASSES).join(', ')) + (names.length > MAX_NAMED_CLASSES ? ', …' : '');
}

/** Finds the parts of a split folder; undefined if the folders are classes. */
function findSplits(
  folder: string,
  folders: readonly string[],
): { readonly train: string; readonly test: string } | undefined {
  const find = (split: Split): string | undefined => {
    const names: readonly string[] = SPLITS[split];
    const found = folders.filter((name) => names.includes(name.toLowerCase()));
    if (found.length < 2) return found[0];
    throw rangeError(ACTION, `only one folder may be the ${split} part`, `folders of '${folder}'`, found);
  };
  const [train, test, validation] = [find('train'), find('test'), find('validation')];
  const heldOut = test ?? validation;
  if (train !== undefined && heldOut !== undefined) return { train, test: heldOut };
  if (train === undefined && test !== undefined && validation !== undefined) {
    throw rangeError(ACTION, `a folder with ${test} and ${validation} must also have train`, 'folder', folder);
  }
  return undefined;
}

async function listPart(folder: string, part: string, skipped: SkippedFiles): Promise<ClassFolder> {
  const partFolder = path.join(folder, part);
  const { folders, files, loops } = await listFolder(partFolder);
  const inPart = (names: readonly string[]): string[] => names.map((name) => path.join(part, name));
  skipped.add('file beside the folders', inPart(files));
  skipped.add(LOOP, inPart(loops));
  return listClasses(partFolder, folders, 1, skipped);
}

/** Lists the classes in a folder and their images, at least `minimum` for each class. */
async function listClasses(
  folder: string,
  classNames: readonly string[],
  minimum: number,
  skipped: SkippedFiles,
): Promise<ClassFolder> {
  if (classNames.length < 2) {
    throw rangeError(ACTION, 'the folder must contain one folder of images per class, at least two', 'folder', folder);
  }
  const files: LabelledFile[] = [];
  for (const [label, name] of classNames.entries()) {
    const classFolder = path.join(folder, name);
    const images: string[] = [];
    for (const entry of await readNames(classFolder)) {
      const file = path.join(classFolder, entry);
      const kind = await pathKind(ACTION, file);
      if (kind !== 'image' && isNamedAsImage(entry)) await checkImage(ACTION, file);
      if (kind === 'image') images.push(file);
      else skipped.add(kind === 'other file' ? 'file in another format' : `${kind} inside a class`, [file]);
    }
    if (images.length < minimum) {
      const rule = `every class must have at least ${minimum} image${minimum === 1 ? '' : 's'} (jpg, png, webp)`;
      throw rangeError(ACTION, rule, 'folder', classFolder);
    }
    files.push(...images.map((file) => ({ file, label })));
  }
  return { classNames, files };
}

/** Names in a folder. */
interface FolderListing {
  readonly folders: readonly string[];
  /** Links to the folder itself or to one around it. */
  readonly loops: readonly string[];
  /** Everything else. */
  readonly files: readonly string[];
}

/** Lists a folder, sorted by name. */
async function listFolder(folder: string): Promise<FolderListing> {
  const [folders, loops, files]: [string[], string[], string[]] = [[], [], []];
  for (const name of await readNames(folder)) {
    const entry = path.join(folder, name);
    const isFolder = (await pathKind(ACTION, entry)) === 'folder';
    if (!isFolder) files.push(name);
    else if (await encloses(entry, folder)) loops.push(name);
    else folders.push(name);
  }
  return { folders, loops, files };
}

/** Tests whether `outer` is `inner` or a folder around it, once links are followed. */
async function encloses(outer: string, inner: string): Promise<boolean> {
  try {
    const relative = path.relative(await fs.realpath(outer), await fs.realpath(inner));
    return relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
  } catch (error) {
    throw fileError(ACTION, outer, error);
  }
}

/** Lists the names in a folder that are not ignored, sorted. */
async function readNames(folder: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch((error: unknown) => {
    throw fileError(ACTION, folder, error);
  });
  return names.filter((name) => !isSystemName(name)).sort();
}

/** Tests for the name of a file that a system left in a folder, or of a hidden one. */
export function isSystemName(name: string): boolean {
  return name.startsWith('.') || SYSTEM_NAMES.has(name.toLowerCase());
}

/** Skipped files, by kind. */
class SkippedFiles {
  private readonly found = new Map<string, string[]>();

  constructor(private readonly folder: string) {}

  /** Adds paths inside the folder, either relative to it or starting with it. */
  add(kind: string, names: readonly string[]): void {
    if (names.length === 0) return;
    const relative = names.map((name) => (name.startsWith(this.folder) ? path.relative(this.folder, name) : name));
    this.found.set(kind, [...(this.found.get(kind) ?? []), ...relative]);
  }

  /** Summary in one line, with the first names of each kind. */
  summary(): string | undefined {
    if (this.found.size === 0) return undefined;
    const kinds = [...this.found].map(([kind, names]) => {
      const more = names.length > MAX_NAMED ? ', …' : '';
      const plural = names.length === 1 ? kind : kind.replace(/^(special )?(file|folder|link)/, '$1$2s');
      return `${names.length} ${plural} (${names.slice(0, MAX_NAMED).join(', ')}${more})`;
    });
    return oneLine(`skipped in '${this.folder}': ${kinds.join('; ')}`);
  }
}
