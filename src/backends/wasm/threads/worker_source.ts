/** Program of a worker, as text: it starts from a Blob, so that bundlers need not locate a file. */
import { CELL } from './control.js';

/**
 * Number of times that a worker looks for new tasks before it sleeps: some tens of microseconds, since waking it up takes
 * longer than many kernels.
 */
const LOOKS = 20_000;

/** Source of the worker; its loop over open tasks is that of `drain` in pool.ts. */
export const WORKER_SOURCE = `
const port = typeof require === 'function' ? require('node:worker_threads').parentPort : self;
port.onmessage = ({ data: { module, memory, block } }) => {
  const kernels = Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports);
  const cells = new Int32Array(block);
  const calls = new Float64Array(block);
  Atomics.add(cells, ${CELL.ready}, 1);
  for (;;) {
    const generation = Atomics.load(cells, ${CELL.generation});
    for (let task; (task = Atomics.sub(cells, ${CELL.open}, 1)) > 0;) {
      Atomics.add(cells, ${CELL.helped}, 1);
      try {
        for (let at = cells[${CELL.starts - 1} + task]; at < cells[${CELL.starts} + task];) {
          const end = at + 2 + calls[at + 1];
          kernels[calls[at]](...calls.subarray(at + 2, end));
          at = end;
        }
      } catch {
        Atomics.add(cells, ${CELL.failed}, 1);
      }
      Atomics.add(cells, ${CELL.done}, 1);
    }
    for (let looks = 0; looks < ${LOOKS} && Atomics.load(cells, ${CELL.generation}) === generation; looks++);
    Atomics.wait(cells, ${CELL.generation}, generation);
  }
};
`;
