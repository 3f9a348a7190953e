/**
 * Optional packages of commands. A command loads all of its packages at once and first, so that one error names all that are
 * missing, before anything is computed.
 */
import fs from 'node:fs';
import { loadPng } from '../plots/png.js';
import { loadVega } from '../plots/vega.js';
import { findSharp } from '../training/decoder.js';
import { isIdxFolder } from '../training/idx.js';
import { findMnist } from '../training/mnist.js';
import { isBuiltIn } from './load_data.js';

/** Loads packages; throws MissingPackageError if one is not installed. */
type Load = () => Promise<unknown>;

/** Packages that draw the pictures of a command. */
export const DRAWING: readonly Load[] = [loadVega, loadPng];

/**
 * Packages that read the images of `--data`; none for IDX files, and for what does not exist.
 *
 * @param data value of `--data`
 */
export async function packagesOf(data: string): Promise<readonly Load[]> {
  if (isBuiltIn(data)) return [findMnist];
  const stat = fs.statSync(data, { throwIfNoEntry: false });
  if (stat === undefined || (stat.isDirectory() && (await isIdxFolder(data)))) return [];
  return [() => findSharp('load the images')];
}
