/** Reads the contents of a Keras file, wherever they are. */
import { typeError, type Action } from '../errors.js';
import { readRegularFile } from '../support/regular_file.js';
import type { Contents } from './contents.js';

/**
 * Reads a file, or takes bytes that are contents already.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @throws TypeError for anything but a path or bytes; RangeError if there is no such file
 */
export async function readContents(action: Action, file: unknown): Promise<Contents> {
  if (file instanceof Uint8Array) return { bytes: file, name: `${file.length} bytes` };
  if (file instanceof ArrayBuffer) return { bytes: new Uint8Array(file), name: `${file.byteLength} bytes` };
  if (typeof file !== 'string') {
    throw typeError(action, 'file must be a path, a Uint8Array or an ArrayBuffer', 'file', file);
  }
  return { bytes: await readRegularFile(action, file), name: file };
}
