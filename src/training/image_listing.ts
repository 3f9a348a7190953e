/**
 * Lists the images in a tree of files by class, under these rules:
 *
 * - A folder with `train` (or `training`) and `test` (`testing`) or `val` (`valid`, `validation`), in upper or lower case,
 *   is already split; if both `test` and `val` exist, `test` is used and `val` is skipped. Otherwise every folder is a class.
 *   A single folder in place of all of these is entered, as archives often have one.
 * - Images may be in folders inside their class.
 * - System files are ignored: names starting with a dot (`._cat.png`, `.DS_Store`), `__MACOSX`, `Thumbs.db`,
 *   `desktop.ini`, `@eaDir`.
 * - Images are recognized by their content. A file named as an image that is not one is broken, and so is a link to nothing.
 * - Everything else (other formats, files beside the classes) is skipped and reported in one line.
 * - Links are followed, except that a link to its own folder or to one around it is skipped and reported in the same line.
 */
import path from 'node:path';
import { CorruptFileError, oneLine, rangeError } from '../errors.js';
import { BrokenImages } from './broken_images.js';
import type { ImageLocation } from './decoder_worker_source.js';
import { FORMATS, isNamedAsImage } from './image_kind.js';
import { LOOP, type FileTree, type TreeEntry } from './image_tree.js';
import { SkippedFiles } from './skipped_files.js';
import { findSplits } from './split_folders.js';

const ACTION = 'load the images';
/** Most classes to name in an error. */
const MAX_NAMED_CLASSES = 10;

/** An image and its class. */
export interface LabelledImage {
  /** Path for errors. */
  readonly name: string;
  readonly location: ImageLocation;
  /** Index into the class names. */
  readonly label: number;
  /** Indices of all its classes, if images may have several. */
  readonly classes?: readonly number[];
}

/** Classes and images of one part of a data set. */
export interface ClassFolder {
  readonly classNames: readonly string[];
  /** Path of each class, for errors. */
  readonly places: readonly string[];
  readonly images: readonly LabelledImage[];
}

/** Images in a tree. */
export interface ImageListing {
  readonly train: ClassFolder;
  /** Undefined if the folder is not split. */
  readonly test: ClassFolder | undefined;
  /** Files that were skipped. */
  readonly skipped: SkippedFiles;
  /** Files that cannot be images although they should be. */
  readonly broken: BrokenImages;
}

/**
 * Lists the images in a tree.
 *
 * @throws RangeError if there are fewer than two classes, or the two parts have different classes
 */
export async function listImages(tree: FileTree): Promise<ImageListing> {
  return new Listing(tree).all();
}

class Listing {
  private readonly skipped: SkippedFiles;
  private readonly broken: BrokenImages;

  constructor(private readonly tree: FileTree) {
    this.skipped = new SkippedFiles(tree.root);
    this.broken = new BrokenImages(ACTION, tree.root);
  }

  async all(): Promise<ImageListing> {
    const { skipped, broken } = this;
    const { folder: root, folders } = await this.top();
    const parts = findSplits(ACTION, path.join(this.tree.root, root), folders);
    if (!parts) return { train: await this.classes(root, folders), test: undefined, skipped, broken };
    const others = folders.filter((name) => name !== parts.train && name !== parts.test);
    skipped.add(
      'folder',
      others.map((name) => path.join(root, name)),
    );
    const [train, test] = [await this.part(root, parts.train), await this.part(root, parts.test)];
    if (train.classNames.join('/') !== test.classNames.join('/')) {
      const rule = `${parts.train} and ${parts.test} must have the same classes (${abbreviate(train.classNames)})`;
      throw rangeError(ACTION, rule, `classes of '${path.join(this.tree.root, root, parts.test)}'`, test.classNames);
    }
    return { train, test, skipped, broken };
  }

  /** The folder of classes or parts: the root, or the only folder in it. */
  private async top(): Promise<{ readonly folder: string; readonly folders: readonly string[] }> {
    const folders = await this.folders('');
    const [only, ...others] = folders;
    if (only === undefined || others.length > 0) return { folder: '', folders };
    const inside = (await this.tree.list(only)).filter(({ kind }) => kind === 'folder');
    return inside.length < 2 ? { folder: '', folders } : { folder: only, folders: await this.folders(only) };
  }

  private async part(root: string, name: string): Promise<ClassFolder> {
    const folder = path.join(root, name);
    return this.classes(folder, await this.folders(folder));
  }

  /** Lists the folders in a folder and reports everything else. */
  private async folders(folder: string): Promise<string[]> {
    const folders: string[] = [];
    for (const entry of await this.tree.list(folder)) {
      const place = path.join(folder, entry.name);
      if (entry.kind === 'folder') folders.push(entry.name);
      else if (entry.kind === LOOP) this.skipped.add(LOOP, [place]);
      else if (entry.kind === 'broken') this.addBroken(place, entry);
      else this.skipped.add('file beside the folders', [place]);
    }
    return folders;
  }

  private async classes(folder: string, classNames: readonly string[]): Promise<ClassFolder> {
    if (classNames.length < 2) {
      const rule = 'the folder must contain one folder of images per class, at least two';
      throw rangeError(ACTION, rule, 'folder', path.join(this.tree.root, folder));
    }
    const images: LabelledImage[] = [];
    for (const [label, name] of classNames.entries()) await this.collect(path.join(folder, name), label, images);
    return { classNames, images, places: classNames.map((name) => path.join(this.tree.root, folder, name)) };
  }

  /** Adds the images in a folder and in the folders inside it. */
  private async collect(folder: string, label: number, images: LabelledImage[]): Promise<void> {
    for (const entry of await this.tree.list(folder)) {
      const place = path.join(folder, entry.name);
      const file = path.join(this.tree.root, place);
      if (entry.kind === 'image') images.push({ name: file, location: entry.location!, label });
      else if (entry.kind === 'folder') await this.collect(place, label, images);
      else if (entry.kind === 'broken') this.addBroken(place, entry);
      else if (entry.kind !== LOOP && isNamedAsImage(entry.name)) this.broken.add(file, notAnImage(file, entry));
      else this.skipped.add(entry.kind === 'other file' ? 'file in another format' : entry.kind, [place]);
    }
  }

  private addBroken(place: string, { error }: TreeEntry): void {
    this.broken.add(path.join(this.tree.root, place), error!);
  }
}

function notAnImage(file: string, { kind, found }: TreeEntry): Error {
  const reason = kind === 'other file' ? 'none of these' : (found ?? 'not a regular file');
  return new CorruptFileError(ACTION, `every image must be a ${FORMATS} (it is ${reason})`, file);
}

/** Joins the first few of the names. */
function abbreviate(names: readonly string[]): string {
  return oneLine(names.slice(0, MAX_NAMED_CLASSES).join(', ')) + (names.length > MAX_NAMED_CLASSES ? ', …' : '');
}
