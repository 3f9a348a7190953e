/** Folders of the parts of a split data set: `train`, `test` and `val`, in upper or lower case. */
import { rangeError } from '../errors.js';

/** Folder names of the parts of a split data set, in lower case. */
const SPLITS = {
  train: ['train', 'training'],
  test: ['test', 'testing'],
  validation: ['val', 'valid', 'validation'],
} as const;

type Split = keyof typeof SPLITS;

/**
 * Finds the parts of a split folder; undefined if it is not split. The test images are those of `test`, else of `val`.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @param folder path of the folder, for errors
 * @param folders names of the folders in it
 * @throws RangeError if two folders may be the same part, or `train` is missing beside the other two
 */
export function findSplits(
  action: string,
  folder: string,
  folders: readonly string[],
): { readonly train: string; readonly test: string } | undefined {
  const find = (split: Split): string | undefined => {
    const names: readonly string[] = SPLITS[split];
    const found = folders.filter((name) => names.includes(name.toLowerCase()));
    if (found.length < 2) return found[0];
    throw rangeError(action, `only one folder may be the ${split} part`, `folders of '${folder}'`, found);
  };
  const [train, test, validation] = [find('train'), find('test'), find('validation')];
  const heldOut = test ?? validation;
  if (train !== undefined && heldOut !== undefined) return { train, test: heldOut };
  if (train === undefined && test !== undefined && validation !== undefined) {
    throw rangeError(action, `a folder with ${test} and ${validation} must also have train`, 'folder', folder);
  }
  return undefined;
}
