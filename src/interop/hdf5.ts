/**
 * HDF5 files in memory, read and written by h5wasm (the HDF5 library itself, compiled to WebAssembly). h5wasm is an
 * optional package and an ES module.
 */
import { CorruptFileError, type Action } from '../errors.js';
import { loadOptional } from '../training/optional_package.js';

/** A group of a file that is open. */
export interface StoredGroup {
  readonly names: readonly string[];
  /** The group under a name or a path of names. */
  group: (path: string) => StoredGroup | undefined;
  array: (path: string) => StoredArray | undefined;
  /** An attribute that holds one string or several. */
  strings: (attribute: string) => readonly string[] | undefined;
}

/** An array of numbers in a file that is open. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** As NumPy writes it: `'<f'` is float32, `'<d'` float64. */
  readonly dtype: string;
  read: () => Float32Array;
}

/** A group to be written. */
export interface NewGroup {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly groups?: Readonly<Record<string, NewGroup>>;
  readonly arrays?: Readonly<Record<string, NewArray>>;
}

export interface NewArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The values that {@link StoredArray.read} converts to float32. */
export const READABLE_TYPES: readonly string[] = ['<f', '<d'];

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** The parts of h5wasm's virtual file system that are used; its own declaration of them is not exported. */
interface MemoryFiles {
  writeFile: (name: string, bytes: Uint8Array) => void;
  readFile: (name: string) => Uint8Array;
  unlink: (name: string) => void;
  analyzePath: (name: string) => { readonly exists: boolean };
}

/** h5wasm, ready to be used. */
type Library = Awaited<ReturnType<typeof importLibrary>>;

type Group = InstanceType<Library['Group']>;

async function importLibrary() {
  const library = await import('h5wasm');
  return { ...library.h5wasm, module: await library.ready };
}

function load(action: Action): Promise<Library> {
  return loadOptional(action, 'h5wasm', importLibrary);
}

/** Whether bytes begin as an HDF5 file does. */
export function isHdf5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/**
 * Opens a file for as long as `use` runs.
 *
 * @param action who asks, for errors
 * @param name what users know the file as, for errors
 * @throws CorruptFileError if the file, or what `use` reads of it, is damaged; MissingPackageError
 */
export async function readHdf5<T>(
  action: Action,
  bytes: Uint8Array,
  name: string,
  use: (root: StoredGroup) => T,
): Promise<T> {
  const library = await load(action);
  return inMemory(library, (path, files) => {
    files.writeFile(path, bytes);
    const opened = attempt(() => new library.File(path, 'r'), action, name);
    try {
      return use(storedGroup(library, opened, (read) => attempt(read, action, name)));
    } finally {
      opened.close();
    }
  });
}

/** The bytes of a new file. */
export async function writeHdf5(action: Action, root: NewGroup): Promise<Uint8Array> {
  const library = await load(action);
  return inMemory(library, (path, files) => {
    const created = new library.File(path, 'w');
    try {
      fill(created, root);
    } finally {
      created.close();
    }
    return files.readFile(path);
  });
}

let count = 0;

/** Calls `use` with a file name of its own. Errors of the library are exceptions meanwhile, and not lines on stderr. */
function inMemory<T>(library: Library, use: (path: string, files: MemoryFiles) => T): T {
  const { module } = library;
  const files = module.FS as unknown as MemoryFiles;
  const path = `keras-${++count}.h5`;
  module.activate_throwing_error_handler();
  try {
    return use(path, files);
  } finally {
    module.deactivate_throwing_error_handler();
    if (files.analyzePath(path).exists) files.unlink(path);
  }
}

function attempt<T>(read: () => T, action: Action, name: string): T {
  try {
    return read();
  } catch {
    // What the library says is a page of its own source lines.
    throw new CorruptFileError(action, 'the file must be complete and undamaged HDF5', name);
  }
}

type Attempt = <T>(read: () => T) => T;

function storedGroup(library: Library, group: Group, guarded: Attempt): StoredGroup {
  const names = guarded(() => group.keys());
  const child = (path: string): unknown =>
    names.includes(path.split('/')[0]!) ? guarded(() => group.get(path)) : undefined;
  return {
    names,
    group: (path) => {
      const found = child(path);
      return found instanceof library.Group ? storedGroup(library, found, guarded) : undefined;
    },
    array: (path) => {
      const found = child(path);
      if (!(found instanceof library.Dataset)) return undefined;
      const { shape, dtype } = guarded(() => ({ shape: found.shape ?? [], dtype: found.dtype }));
      return {
        shape,
        dtype: typeof dtype === 'string' ? dtype : JSON.stringify(dtype),
        read: () => guarded(() => toFloat32(found.value, shape)),
      };
    },
    strings: (attribute) => {
      const value: unknown = guarded(() => group.attrs[attribute]?.value);
      if (value === undefined || value === null) return undefined;
      // An empty list of strings is stored as an empty list of numbers.
      return typeof value === 'string' ? [value] : guarded(() => [...(value as Iterable<unknown>)].map(String));
    },
  };
}

/** A scalar is read as a number, an array as a typed one. */
function toFloat32(value: unknown, shape: readonly number[]): Float32Array {
  const list = typeof value === 'number' ? [value] : (value as Float32Array | Float64Array);
  const values = list instanceof Float32Array ? list : Float32Array.from(list);
  if (values.length !== shape.reduce((product, size) => product * size, 1)) throw new RangeError('values are missing');
  return values;
}

function fill(group: Group, { attributes = {}, groups = {}, arrays = {} }: NewGroup): void {
  for (const [name, value] of Object.entries(attributes)) group.create_attribute(name, value);
  for (const [name, { shape, values }] of Object.entries(arrays)) {
    group.create_dataset({ name, data: values, shape: [...shape] });
  }
  for (const [name, child] of Object.entries(groups)) fill(group.create_group(name), child);
}
