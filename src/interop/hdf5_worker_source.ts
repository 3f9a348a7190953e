/**
 * Source of the worker that reads HDF5 files, as text, so that bundlers need not resolve a file. Some files make the HDF5
 * library loop forever; a worker can be terminated.
 *
 * It sends `{ready}` once the library is loaded, then `{tree}` in reply to the first message and `{values}` in reply to any
 * other one, which is a list of paths; or `{failed}` instead of either.
 */
import type { RawArray, StoredTree } from './hdf5_contents.js';

/** Memory that the library may take beside four times the size of the file, in bytes. */
const MOST_BYTES = 128 * 2 ** 20;

/** Most groups and arrays of a file; if there are more, its links are circular. */
export const MAX_ENTRIES = 200_000;
/** Most groups within each other. */
export const MAX_DEPTH = 64;

/** A message from the worker. */
export interface WorkerMessage {
  readonly ready?: true;
  readonly tree?: StoredTree;
  readonly values?: readonly RawArray[];
  readonly failed?: string;
}

export const HDF5_WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { library, bytes } = workerData;
let count = 0;

// A corrupt file can claim to hold gigabytes; the library reports a failed allocation as an error.
const { grow } = WebAssembly.Memory.prototype;
const most = 4 * bytes.length + ${MOST_BYTES};
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + 65536 * pages > most) throw new RangeError('the file needs too much memory');
  return grow.call(this, pages);
};

function describe(h5, group, depth) {
  if (++count > ${MAX_ENTRIES} || depth > ${MAX_DEPTH}) throw new RangeError('circular links');
  const tree = { attributes: Object.keys(group.attrs).map((name) => [name, group.attrs[name].value]), groups: [], arrays: [] };
  for (const name of group.keys()) {
    const found = group.get(name);
    if (found instanceof h5.Group) tree.groups.push([name, describe(h5, found, depth + 1)]);
    else if (found instanceof h5.Dataset) {
      tree.arrays.push([name, { shape: found.shape, dtype: found.dtype }]);
      count++;
    }
  }
  return tree;
}

const read = ({ value, shape }) => ({ value, shape });

function answer(work) {
  try {
    parentPort.postMessage(work());
  } catch (error) {
    parentPort.postMessage({ failed: String(error) });
  }
}

import(library).then(async ({ h5wasm, ready }) => {
  const module = await ready;
  module.activate_throwing_error_handler();
  parentPort.postMessage({ ready: true });
  let file;
  parentPort.on('message', (paths) => {
    answer(() => {
      if (file) return { values: paths.map((path) => read(file.get(path))) };
      module.FS.writeFile('file.h5', bytes);
      file = new h5wasm.File('file.h5', 'r');
      return { tree: describe(h5wasm, file, 0) };
    });
  });
});
`;
