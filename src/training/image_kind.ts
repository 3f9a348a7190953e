/** Recognizes image files by their first bytes, whatever their names. */
import { promises as fs, type Stats } from 'node:fs';
import path from 'node:path';
import { CorruptFileError } from '../errors.js';
import { fileError } from '../support/file_error.js';

/** Bytes at the start of a file by which its format is recognized: within as many, an SVG must have its tag. */
export const PROBE_BYTES = 1000;
/** Formats that the decoder reads, in words. */
export const FORMATS = 'jpg, png, webp, gif, avif, tiff or svg';
const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff', '.svg'];

const PNG = '\u0089PNG\r\n\u001a\n';
const SIGNATURE = /^(\u00ff\u00d8\u00ff|RIFF....WEBP|GIF8[79]a|....ftypavi[fs]|II[*+]\0|MM\0[*+])/s;

/** Tests for a file name with the extension of an image. */
export function isNamedAsImage(name: string): boolean {
  return EXTENSIONS.includes(path.extname(name).toLowerCase());
}

/** Kind of file that a path points to. */
export type PathKind = 'image' | 'other file' | 'folder' | 'special file';

/**
 * Finds the kind of file that a path points to, following links. Only regular files are opened: opening a pipe would wait
 * for a writer.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @throws CorruptFileError if it is a broken link; FileAccessError if it cannot be read
 */
export async function pathKind(action: string, file: string): Promise<PathKind> {
  const stat = await statOf(action, file);
  if (stat.isDirectory()) return 'folder';
  if (!stat.isFile()) return 'special file';
  try {
    const handle = await fs.open(file, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PROBE_BYTES), 0, PROBE_BYTES, 0);
      return isImage(buffer.subarray(0, bytesRead)) ? 'image' : 'other file';
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(action, file, error);
  }
}

/**
 * Throws unless a path points to an image.
 *
 * @throws CorruptFileError naming the kind of file that was found
 */
export async function checkImage(action: string, file: string): Promise<void> {
  const kind = await pathKind(action, file);
  if (kind === 'image') return;
  const found = {
    'other file': 'it is none of these',
    folder: 'it is a folder',
    'special file': 'it is not a regular file',
  };
  throw new CorruptFileError(action, `every image must be a ${FORMATS} (${found[kind]})`, file);
}

async function statOf(action: string, file: string): Promise<Stats> {
  try {
    return await fs.stat(file);
  } catch (error) {
    const isLink = (await fs.lstat(file).catch(() => undefined))?.isSymbolicLink() ?? false;
    if (isLink) throw new CorruptFileError(action, 'symbolic links must not be broken', file);
    // Node replaces bytes of the name that are not UTF-8, and then looks for a file that does not exist.
    if (file.includes('\ufffd')) throw new CorruptFileError(action, 'file names must be valid UTF-8', file);
    throw fileError(action, file, error);
  }
}

/**
 * Tests the first {@link PROBE_BYTES} of a file. JPEG: FF D8 FF; PNG: 89 'PNG' 0D 0A 1A 0A; WebP: 'RIFF', four bytes of
 * length, 'WEBP'; GIF: 'GIF87a' or 'GIF89a'; AVIF: four bytes of length, 'ftypavi', 'f' or 's'; TIFF: 'II' 2A 00, 'MM' 00 2A,
 * or with 2B for BigTIFF; SVG: text with the tag 'svg'.
 */
export function isImage(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  return SIGNATURE.test(text) || text.startsWith(PNG) || isSvg(text);
}

function isSvg(text: string): boolean {
  return /^(\u00ef\u00bb\u00bf)?\s*</.test(text) && /<svg[\s>/]/i.test(text) && !/<html|<!doctype html/i.test(text);
}
