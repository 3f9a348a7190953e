/** Reads the files of a network that a user chose or dropped, in any format that See knows. */
import { namesOf } from '../shared/names_of.js';
import { readModelFiles } from '../shared/read_model_files.js';
import type { OwnModel } from './messages.js';

/** Formats of one file, by the end of its name. */
const FORMATS = { '.keras': 'keras', '.h5': 'keras', '.hdf5': 'keras', '.onnx': 'onnx' } as const;

/** Ends of the names of files that are or belong to a network. */
export const MODEL_ENDS = ['.json', '.bin', ...Object.keys(FORMATS)];

/** Tells a picture from a file of a network, by its name. */
export function isPictureFile({ name }: File): boolean {
  return !MODEL_ENDS.some((end) => name.toLowerCase().endsWith(end));
}

/** @throws Error that names a file that is missing, not part of a network, or one too many */
export async function readOwnModel(files: readonly File[]): Promise<OwnModel> {
  const single = files.find(({ name }) => formatOf(name) !== undefined);
  if (single) {
    if (files.length > 1) {
      throw new Error(`A network in a .keras, .h5 or .onnx file must be opened alone, received ${namesOf(files)}`);
    }
    const bytes = new Uint8Array(await single.arrayBuffer());
    return { contents: { format: formatOf(single.name)!, bytes }, name: single.name };
  }
  return { contents: { format: 'layers', files: await readModelFiles(files) }, name: undefined };
}

function formatOf(name: string): (typeof FORMATS)[keyof typeof FORMATS] | undefined {
  return Object.entries(FORMATS).find(([end]) => name.toLowerCase().endsWith(end))?.[1];
}
