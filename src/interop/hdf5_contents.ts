/** Contents of an HDF5 file, as they are read. */
import type { Action } from '../errors.js';

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

/** Description of a group, with the values that the library gives. */
export interface StoredTree {
  readonly attributes: readonly (readonly [name: string, value: unknown])[];
  readonly groups: readonly (readonly [name: string, tree: StoredTree])[];
  readonly arrays: readonly (readonly [name: string, array: RawType])[];
}

/** Type of an array as the library gives it; `dtype` is an object for compounds and the like. */
export interface RawType {
  readonly shape: readonly number[] | null;
  readonly dtype: unknown;
}

/** An array as the library reads it: a scalar is a number. */
export interface RawArray extends Pick<RawType, 'shape'> {
  readonly value: unknown;
}

/**
 * Reads a file.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @param name name of the file in errors
 * @param select selects the arrays to read
 * @returns the result of `select`, and the values of its arrays
 */
export type ReadHdf5 = <T extends { readonly arrays: readonly StoredArray[] }>(
  action: Action,
  bytes: Uint8Array,
  name: string,
  select: (root: StoredGroup) => T,
) => Promise<readonly [selected: T, values: readonly Float32Array[]]>;

/** Types that are converted to float32. */
export const READABLE_TYPES: readonly string[] = ['<f', '<d'];

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Tests for the signature of an HDF5 file. */
export function isHdf5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** Finds groups and arrays in the description of a group. */
export function storedGroup({ attributes, groups, arrays }: StoredTree, parent: string): StoredGroup {
  const [groupsByName, arraysByName, valuesByName] = [new Map(groups), new Map(arrays), new Map(attributes)];
  const group = (relative: string): StoredGroup | undefined => {
    const [first = '', ...rest] = relative.split('/');
    const tree = groupsByName.get(first);
    if (tree === undefined) return undefined;
    const found = storedGroup(tree, `${parent}/${first}`);
    return rest.length > 0 ? found.group(rest.join('/')) : found;
  };
  return {
    names: [...groupsByName.keys(), ...arraysByName.keys()],
    group,
    array: (relative) => {
      const slash = relative.lastIndexOf('/');
      if (slash >= 0) return group(relative.slice(0, slash))?.array(relative.slice(slash + 1));
      const found = arraysByName.get(relative);
      if (found === undefined) return undefined;
      const { shape, dtype } = found;
      const type = typeof dtype === 'string' ? dtype : JSON.stringify(dtype);
      return { shape: shape ?? [], dtype: type, path: `${parent}/${relative}` };
    },
    strings: (attribute) => {
      const value = valuesByName.get(attribute);
      if (typeof value === 'string') return [value];
      return typeof value === 'object' && value !== null ? Array.from(value as ArrayLike<unknown>, String) : undefined;
    },
  };
}

/**
 * Values of an array.
 *
 * @throws RangeError or TypeError if it has not as many as its shape says
 */
export function toFloat32({ value, shape }: RawArray): Float32Array {
  const values = new Float32Array(typeof value === 'number' ? [value] : (value as ArrayLike<number>));
  const count = (shape ?? []).reduce((product, size) => product * size, 1);
  if (values.length !== count) throw new RangeError('values are missing');
  return values;
}
