import { promises as fs } from 'node:fs';
import { CorruptFileError } from '../errors.js';
import { fileError } from '../support/file_error.js';
import { archiveTree } from './archive_tree.js';
import { isListName, readImageList } from './image_list.js';
import { listImages, type ImageListing } from './image_listing.js';
import { folderTree } from './image_tree.js';
import { listTar } from './tar.js';
import { isWebDataset, readWebDataset } from './webdataset.js';
import { listZip } from './zip.js';

const ACTION = 'load the images';

/** Tests for the name of a file that {@link listSource} reads. */
export function isSourceName(file: string): boolean {
  return isListName(file) || isTarName(file) || /\.zip$/i.test(file);
}

/** Compressed ones too, whose error says what to do. */
function isTarName(file: string): boolean {
  return /\.(tar|tar\.gz|tgz)$/i.test(file);
}

/**
 * Lists the images of a folder, of an archive (`.tar`, `.zip`) or of a list (`.csv`, `.json`).
 *
 * @throws CorruptFileError if a file is none of these, or damaged; and the errors of {@link listImages}
 */
export async function listSource(source: string): Promise<ImageListing> {
  const stat = await fs.stat(source).catch((error: unknown) => {
    throw fileError(ACTION, source, error);
  });
  if (stat.isDirectory()) return listImages(folderTree(ACTION, source));
  if (isListName(source)) return readImageList(source);
  if (/\.zip$/i.test(source)) return listImages(archiveTree(source, await listZip(ACTION, source)));
  if (!isTarName(source)) {
    throw new CorruptFileError(ACTION, 'it must be a folder, or a file named .tar, .zip, .csv or .json', source);
  }
  const contents = await listTar(ACTION, source);
  return isWebDataset(contents) ? readWebDataset(source, contents) : listImages(archiveTree(source, contents));
}
