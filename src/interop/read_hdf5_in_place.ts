/**
 * Reads HDF5 files with h5wasm in the thread that asks, for browsers: what `hdf5_worker_source.ts` does in a worker of Node,
 * which cannot import a module of this package.
 */
import { CorruptFileError, type Action } from '../errors.js';
import { loadOptional } from '../support/optional_package.js';
import {
  storedGroup,
  toFloat32,
  type RawType,
  type StoredArray,
  type StoredGroup,
  type StoredTree,
} from './hdf5_contents.js';
import { MAX_DEPTH, MAX_ENTRIES } from './hdf5_worker_source.js';

const importLibrary = async () => {
  const library = await import('h5wasm');
  return { ...library.h5wasm, module: await library.ready };
};

type Library = Awaited<ReturnType<typeof importLibrary>>;
type Group = InstanceType<Library['Group']>;
type Dataset = InstanceType<Library['Dataset']>;

/** The used part of h5wasm's virtual file system, whose own declaration is not exported. */
interface MemoryFiles {
  writeFile: (name: string, bytes: Uint8Array) => void;
  unlink: (name: string) => void;
}

const FILE = 'file.h5';

/** Reads a file; see `ReadHdf5`. */
export async function readHdf5InPlace<T extends { readonly arrays: readonly StoredArray[] }>(
  action: Action,
  bytes: Uint8Array,
  name: string,
  select: (root: StoredGroup) => T,
): Promise<readonly [selected: T, values: readonly Float32Array[]]> {
  const library = await loadOptional(action, 'h5wasm', importLibrary);
  const read = <R>(work: () => R): R => {
    try {
      return work();
    } catch {
      throw new CorruptFileError(action, 'the file must be complete, valid HDF5', name);
    }
  };
  const files = library.module.FS as unknown as MemoryFiles;
  library.module.activate_throwing_error_handler();
  try {
    files.writeFile(FILE, bytes);
    const file = read(() => new library.File(FILE, 'r'));
    try {
      const selected = select(
        storedGroup(
          read(() => new Description(library).of(file, 0)),
          '',
        ),
      );
      const values = selected.arrays.map(({ path }) => read(() => toFloat32(file.get(path) as Dataset)));
      return [selected, values];
    } finally {
      file.close();
    }
  } finally {
    files.unlink(FILE);
    library.module.deactivate_throwing_error_handler();
  }
}

/** Description of the groups of a file; it counts them, since links may be circular. */
class Description {
  private count = 0;

  constructor(private readonly library: Library) {}

  of(group: Group, depth: number): StoredTree {
    if (++this.count > MAX_ENTRIES || depth > MAX_DEPTH) throw new RangeError('circular links');
    const attributes = Object.keys(group.attrs).map((name): [string, unknown] => [name, group.attrs[name]!.value]);
    const groups: [string, StoredTree][] = [];
    const arrays: [string, RawType][] = [];
    for (const name of group.keys()) {
      const found = group.get(name);
      if (found instanceof this.library.Group) groups.push([name, this.of(found, depth + 1)]);
      else if (found instanceof this.library.Dataset) {
        arrays.push([name, { shape: found.shape, dtype: found.dtype }]);
        this.count++;
      }
    }
    return { attributes, groups, arrays };
  }
}
