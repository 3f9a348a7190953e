/** Contents of an HDF5 file, as they are read. */

/** A group in a file. */
export interface StoredGroup {
  readonly names: readonly string[];
  /** Finds a group by its path. */
  group: (path: string) => StoredGroup | undefined;
  /** Finds an array by its path. */
  array: (path: string) => StoredArray | undefined;
  /** Reads an attribute that contains one or several strings. */
  strings: (attribute: string) => readonly string[] | undefined;
}

/** An array of numbers in a file. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** Type in NumPy notation: `'<f'` is float32, `'<d'` float64. */
  readonly dtype: string;
  /** Path in the file. */
  readonly path: string;
}

/** Description of a group by the worker. */
export interface StoredTree {
  readonly attributes: readonly (readonly [name: string, value: readonly string[]])[];
  readonly groups: readonly (readonly [name: string, tree: StoredTree])[];
  readonly arrays: readonly (readonly [name: string, array: Omit<StoredArray, 'path'>])[];
}
