/** Contents of an HDF5 file, as they are read. */

/** A group of a file. */
export interface StoredGroup {
  readonly names: readonly string[];
  /** The group under a name or a path of names. */
  group: (path: string) => StoredGroup | undefined;
  array: (path: string) => StoredArray | undefined;
  /** An attribute that holds one string or several. */
  strings: (attribute: string) => readonly string[] | undefined;
}

/** An array of numbers in a file. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** As NumPy writes it: `'<f'` is float32, `'<d'` float64. */
  readonly dtype: string;
  /** Where it is in the file. */
  readonly path: string;
}

/** A group as the worker describes it. */
export interface StoredTree {
  readonly attributes: readonly (readonly [name: string, value: readonly string[]])[];
  readonly groups: readonly (readonly [name: string, tree: StoredTree])[];
  readonly arrays: readonly (readonly [name: string, array: Omit<StoredArray, 'path'>])[];
}
