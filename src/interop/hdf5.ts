/**
 * Reads and writes HDF5 files in memory with h5wasm, the HDF5 library compiled to WebAssembly, which is an optional package
 * and an ES module.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CorruptFileError, type Action } from '../errors.js';
import { loadOptional } from '../support/optional_package.js';
import {
  storedGroup,
  toFloat32,
  type RawArray,
  type ReadHdf5,
  type StoredArray,
  type StoredGroup,
} from './hdf5_contents.js';
import { HDF5_WORKER_SOURCE, type WorkerMessage } from './hdf5_worker_source.js';

/** A group to write. */
export interface NewGroup {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly groups?: Readonly<Record<string, NewGroup>>;
  readonly arrays?: Readonly<Record<string, NewArray>>;
}

/** An array to write, as float32. */
export interface NewArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The used part of h5wasm's virtual file system, whose own declaration is not exported. */
interface MemoryFiles {
  writeFile: (name: string, bytes: Uint8Array) => void;
  readFile: (name: string) => Uint8Array;
  unlink: (name: string) => void;
  analyzePath: (name: string) => { readonly exists: boolean };
}

/** The loaded h5wasm module. */
type Library = Awaited<ReturnType<typeof importLibrary>>;

type Group = InstanceType<Library['Group']>;

async function importLibrary() {
  const library = await import('h5wasm');
  return { ...library.h5wasm, module: await library.ready };
}

function load(action: Action): Promise<Library> {
  return loadOptional(action, 'h5wasm', importLibrary);
}

/**
 * Reads a file in a worker, which is terminated if it takes too long: corrupt files can make the library run forever.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @param name name of the file in errors
 * @param select selects the arrays to read
 * @returns the result of `select`, and the values of its arrays
 * @throws CorruptFileError if the file or a selected array is corrupt; MissingPackageError; any error of `select`
 */
export const readHdf5: ReadHdf5 = async <T extends { readonly arrays: readonly StoredArray[] }>(
  action: Action,
  bytes: Uint8Array,
  name: string,
  select: (root: StoredGroup) => T,
): Promise<readonly [selected: T, values: readonly Float32Array[]]> => {
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
    return message[what] === undefined ? fail(INVALID) : message;
  };
  const convert = (array: RawArray): Float32Array => {
    try {
      return toFloat32(array);
    } catch {
      return fail(INVALID);
    }
  };
  try {
    // Loading the library does not count towards the time limit of the file.
    await ask(START_SECONDS, 'ready');
    worker.postMessage([]);
    const { tree } = await ask(limit, 'tree');
    const selected = select(storedGroup(tree!, ''));
    if (selected.arrays.length === 0) return [selected, []];
    worker.postMessage(selected.arrays.map((array) => array.path));
    const { values } = await ask(limit, 'values');
    return [selected, values!.map(convert)];
  } finally {
    await worker.terminate();
  }
};

const INVALID = 'the file must be complete, valid HDF5';
const START_SECONDS = 60;
const MIN_SECONDS = 8;
const BYTES_PER_SECOND = 1e7;

/** Waits for the next message of a worker; undefined if none arrives in time, `{failed}` if the worker ends. */
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

/** Finds the URL of the library, since a worker created from source text cannot resolve package names. */
function findLibrary(): string {
  // In Node, every import of this package resolves to its CommonJS build, where __filename exists.
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

/** Creates a file and returns its bytes. */
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

/** Calls `use` with a unique file name. Meanwhile, errors of the library are thrown instead of printed to stderr. */
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

function fill(group: Group, { attributes = {}, groups = {}, arrays = {} }: NewGroup): void {
  for (const [name, value] of Object.entries(attributes)) group.create_attribute(name, value);
  for (const [name, { shape, values }] of Object.entries(arrays)) {
    group.create_dataset({ name, data: values, shape: [...shape] });
  }
  for (const [name, child] of Object.entries(groups)) fill(group.create_group(name), child);
}
