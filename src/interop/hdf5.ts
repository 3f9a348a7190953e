/**
 * HDF5 files in memory, read and written by h5wasm (the HDF5 library itself, compiled to WebAssembly). h5wasm is an
 * optional package and an ES module.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CorruptFileError, type Action } from '../errors.js';
import { loadOptional } from '../support/optional_package.js';
import type { StoredArray, StoredGroup, StoredTree } from './hdf5_contents.js';
import { HDF5_WORKER_SOURCE, type WorkerMessage } from './hdf5_worker_source.js';

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

/** The values that {@link readHdf5} converts to float32. */
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
 * Reads a file in a worker, which is ended when it takes too long: damaged files can make the library run for ever.
 *
 * @param action who asks, for errors
 * @param name what users know the file as, for errors
 * @param select chooses the arrays to be read
 * @returns what `select` made, and the values of its arrays
 * @throws CorruptFileError if the file, or what is read of it, is damaged; MissingPackageError; what `select` throws
 */
export async function readHdf5<T extends { readonly arrays: readonly StoredArray[] }>(
  action: Action,
  bytes: Uint8Array,
  name: string,
  select: (root: StoredGroup) => T,
): Promise<readonly [selected: T, values: readonly Float32Array[]]> {
  const library = await loadOptional(action, 'h5wasm', findLibrary);
  const worker = new Worker(HDF5_WORKER_SOURCE, {
    eval: true,
    stdout: true,
    stderr: true,
    workerData: { library, bytes },
  });
  const fail = (rule: string): never => {
    throw new CorruptFileError(action, rule, name);
  };
  const limit = MIN_SECONDS + bytes.length / BYTES_PER_SECOND;
  const ask = async (seconds: number, what: keyof WorkerMessage): Promise<WorkerMessage> => {
    const message = await receive(worker, seconds);
    if (message === undefined) return fail(`the file must be read within ${Math.ceil(seconds)} s`);
    return message[what] === undefined ? fail('the file must be complete and undamaged HDF5') : message;
  };
  try {
    // Loading the library is no part of the file's time.
    await ask(START_SECONDS, 'ready');
    worker.postMessage([]);
    const { tree } = await ask(limit, 'tree');
    const selected = select(storedGroup(tree!, ''));
    if (selected.arrays.length === 0) return [selected, []];
    worker.postMessage(selected.arrays.map(({ path }) => path));
    const { values } = await ask(limit, 'values');
    return [selected, values!];
  } finally {
    await worker.terminate();
  }
}

const START_SECONDS = 60;
const MIN_SECONDS = 10;
const BYTES_PER_SECOND = 1e7;

/** The next message of a worker; undefined where none comes in time, `{failed}` where it ends. */
function receive(worker: Worker, seconds: number): Promise<WorkerMessage | undefined> {
  return new Promise((resolve) => {
    const finish = (message: WorkerMessage | undefined): void => {
      clearTimeout(timer);
      worker.off('message', finish).off('error', fail).off('exit', fail);
      resolve(message);
    };
    const fail = (reason: unknown): void => {
      finish({ failed: String(reason) });
    };
    const timer = setTimeout(() => {
      finish(undefined);
    }, seconds * 1000);
    worker.on('message', finish).on('error', fail).on('exit', fail);
  });
}

/** Address of the library's module: a worker made of text resolves no names of packages from here. */
function findLibrary(): string {
  // In Node every import of this package ends in its CommonJS build, where __filename exists.
  for (const folder of createRequire(__filename).resolve.paths('h5wasm') ?? []) {
    const file = path.join(folder, 'h5wasm', 'package.json');
    if (!fs.existsSync(file)) continue;
    const { exports } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
      readonly exports: { readonly '.': { readonly import: string } };
    };
    return pathToFileURL(path.join(path.dirname(file), exports['.'].import)).href;
  }
  throw Object.assign(new Error('h5wasm is not installed'), { code: 'MODULE_NOT_FOUND' });
}

/** The bytes of a new file. */
export async function writeHdf5(action: Action, root: NewGroup): Promise<Uint8Array> {
  const library = await load(action);
  return inMemory(library, (file, files) => {
    const created = new library.File(file, 'w');
    try {
      fill(created, root);
    } finally {
      created.close();
    }
    return files.readFile(file);
  });
}

let count = 0;

/** Calls `use` with a file name of its own. Errors of the library are exceptions meanwhile, and not lines on stderr. */
function inMemory<T>(library: Library, use: (file: string, files: MemoryFiles) => T): T {
  const { module } = library;
  const files = module.FS as unknown as MemoryFiles;
  const file = `keras-${++count}.h5`;
  module.activate_throwing_error_handler();
  try {
    return use(file, files);
  } finally {
    module.deactivate_throwing_error_handler();
    if (files.analyzePath(file).exists) files.unlink(file);
  }
}

function storedGroup({ attributes, groups, arrays }: StoredTree, at: string): StoredGroup {
  const [inner, stored, texts] = [new Map(groups), new Map(arrays), new Map(attributes)];
  const group = (where: string): StoredGroup | undefined => {
    const [first = '', ...rest] = where.split('/');
    const tree = inner.get(first);
    if (tree === undefined) return undefined;
    const found = storedGroup(tree, `${at}/${first}`);
    return rest.length > 0 ? found.group(rest.join('/')) : found;
  };
  return {
    names: [...inner.keys(), ...stored.keys()],
    group,
    array: (where) => {
      const slash = where.lastIndexOf('/');
      if (slash >= 0) return group(where.slice(0, slash))?.array(where.slice(slash + 1));
      const found = stored.get(where);
      return found && { ...found, path: `${at}/${where}` };
    },
    strings: (attribute) => texts.get(attribute),
  };
}

function fill(group: Group, { attributes = {}, groups = {}, arrays = {} }: NewGroup): void {
  for (const [name, value] of Object.entries(attributes)) group.create_attribute(name, value);
  for (const [name, { shape, values }] of Object.entries(arrays)) {
    group.create_dataset({ name, data: values, shape: [...shape] });
  }
  for (const [name, child] of Object.entries(groups)) fill(group.create_group(name), child);
}
