/** Notes that `train` records in a model, from the metadata of an ONNX file that was made of one. */
import { checkPreprocessing, type Preprocessing } from '../../../training/preprocessing.js';

/** Class names and preprocessing of a model. */
export interface ModelNotes {
  readonly classNames?: readonly string[];
  readonly preprocessing: Preprocessing;
}

/** Reads the notes; undefined if the file lacks a whole preprocessing, without which names of classes mean an old run. */
export function notesOf(metadata: readonly { readonly key: string; readonly value: string }[]): ModelNotes | undefined {
  const texts = new Map(metadata.map(({ key, value }) => [key, value]));
  const read = (key: string): unknown => {
    const text = texts.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  };
  try {
    const preprocessing = checkPreprocessing('read the preprocessing', read('preprocessing'));
    const names = read('class_names');
    const isList = Array.isArray(names) && names.every((name) => typeof name === 'string');
    return { ...(isList && { classNames: names }), preprocessing };
  } catch {
    // Other programs may keep something else under these names.
    return undefined;
  }
}
