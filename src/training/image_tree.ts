/** Trees of files in which images are found: a folder of the file system; archives have trees of their own. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { CorruptFileError } from '../errors.js';
import { FileAccessError, fileError } from '../support/file_error.js';
import type { ImageLocation } from './decoder_worker_source.js';
import { pathKind, type PathKind } from './image_kind.js';

/** Name of a link that leads to a folder around it. */
export const LOOP = 'link to a folder around it';

/** Number of files that are examined at the same time. */
const AT_A_TIME = 32;

/** A file or folder in a tree. */
export interface TreeEntry {
  readonly name: string;
  /** `'broken'` if it cannot be read, for example because it is a link to nothing. */
  readonly kind: PathKind | typeof LOOP | 'broken';
  /** Kind of a special file, for errors: "it is …". */
  readonly found?: string;
  /** Place of the bytes of an image. */
  readonly location?: ImageLocation;
  /** Reason why it is broken. */
  readonly error?: Error;
}

/** A tree of files. */
export interface FileTree {
  /** Path of the tree, for errors. */
  readonly root: string;
  /**
   * Lists a folder, sorted by name.
   *
   * @param folder path of the folder from the root: names joined by the separator of the file system, or '' for the root
   */
  list(folder: string): Promise<TreeEntry[]>;
}

const SYSTEM_NAMES = new Set(['__macosx', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '@eadir']);

/** Tests for a name that operating systems leave behind. */
export function isSystemName(name: string): boolean {
  return name.startsWith('.') || SYSTEM_NAMES.has(name.toLowerCase());
}

/** The tree of a folder. Links are followed, except to folders around them. */
export function folderTree(action: string, root: string): FileTree {
  return {
    root,
    list: async (folder) => {
      const place = path.join(root, folder);
      const names = await fs.readdir(place).catch((error: unknown) => {
        throw fileError(action, place, error);
      });
      const wanted = names.filter((name) => !isSystemName(name)).sort();
      const entries: TreeEntry[] = [];
      for (let start = 0; start < wanted.length; start += AT_A_TIME) {
        const some = wanted.slice(start, start + AT_A_TIME);
        entries.push(...(await Promise.all(some.map((name) => describe(action, root, folder, name)))));
      }
      return entries;
    },
  };
}

async function describe(action: string, root: string, folder: string, name: string): Promise<TreeEntry> {
  const file = path.join(root, folder, name);
  try {
    const kind = await pathKind(action, file);
    if (kind === 'folder' && (await leadsBack(action, root, path.join(folder, name)))) return { name, kind: LOOP };
    return { name, kind, ...(kind === 'image' && { location: { path: file } }) };
  } catch (error) {
    if (error instanceof CorruptFileError || error instanceof FileAccessError) return { name, kind: 'broken', error };
    throw error;
  }
}

/** Tests whether a folder is, once links are followed, one of those on the way to it or around one of them. */
async function leadsBack(action: string, root: string, folder: string): Promise<boolean> {
  const parts = folder.split(path.sep);
  const onTheWay = parts.map((_, count) => path.join(root, ...parts.slice(0, count)));
  try {
    const target = await fs.realpath(path.join(root, folder));
    for (const each of onTheWay) {
      const relative = path.relative(target, await fs.realpath(each));
      if (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative)) return true;
    }
    return false;
  } catch (error) {
    throw fileError(action, path.join(root, folder), error);
  }
}
