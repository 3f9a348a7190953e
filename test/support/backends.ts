/**
 * The backends that every operator test runs on. One more backend is one more entry: a way to say why it is absent here,
 * and the relative error that its float arithmetic is allowed.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import '../../src/index.js';
import { CopyingHeap } from '../../src/wasm/copying_heap.js';
import { useHeap } from '../../src/wasm/heap.js';
import { loadNative, nativeAbsence } from './native.js';
import { otherVariant, withEveryVariant } from './wasm_variants.js';
import { loadWebGPU, webgpuAbsence } from './webgpu.js';

export interface TestBackend {
  /** As `tf.setBackend` takes it. */
  readonly name: string;
  /** What of it is tested, where that is more than its name says. */
  readonly variant?: string;
  /** Largest relative error of one operator against float64; see compare.ts. */
  readonly tolerance: number;
  /** Whether the same call gives the same bits every time. */
  readonly repeatable: boolean;
  /** Why this machine cannot run it, where that is so: its tests are then listed as skipped, with this reason. */
  readonly absent?: () => string | undefined;
  /** Registers it, where importing the package does not. */
  readonly load?: () => void;
  /** Sets the active backend up for its variant; the result undoes it. */
  readonly prepare?: () => () => void;
  /** Whether it runs in a browser only: its tests are then declared there (test/browser) and nowhere else. */
  readonly browser?: boolean;
}

export const BACKENDS: readonly TestBackend[] = [
  { name: 'cpu', tolerance: 1e-5, repeatable: true },
  { name: 'wasm', tolerance: 1e-5, repeatable: true },
  {
    // With the other binary too: the relaxed one on Node 20, the plain one on newer engines.
    name: 'wasm',
    variant: 'on a memory of its own',
    tolerance: 1e-5,
    repeatable: true,
    prepare: () => {
      const active: unknown = tf.backend();
      const backend = active as BackendWasm;
      const heap = withEveryVariant(() => new CopyingHeap(backend, { variant: otherVariant() }));
      useHeap(backend, heap);
      return () => {
        useHeap(backend, undefined);
      };
    },
  },
  // Threads share sums out as they come.
  { name: 'tensorflow', tolerance: 1e-5, repeatable: false, absent: nativeAbsence, load: loadNative },
  { name: 'webgl', tolerance: 2e-5, repeatable: false, browser: true },
  // Atomic additions come in any order.
  { name: 'webgpu', tolerance: 1e-5, repeatable: false, absent: webgpuAbsence, load: loadWebGPU },
];

const IN_BROWSER = typeof document !== 'undefined';

/** One `describe` for each backend that `where` holds of, with the backend active inside it. */
export function describeBackends(
  title: string,
  body: (backend: TestBackend) => void,
  { where = () => true }: { readonly where?: (backend: TestBackend) => boolean } = {},
): void {
  const present = BACKENDS.filter(({ browser = false }) => browser === IN_BROWSER);
  for (const backend of present.filter(where)) {
    const place = backend.variant === undefined ? backend.name : `${backend.name} ${backend.variant}`;
    const reason = backend.absent?.();
    let undo: (() => void) | undefined;
    const declare = (): void => {
      beforeAll(async () => {
        backend.load?.();
        if (!(await tf.setBackend(backend.name))) throw new Error(`The backend '${backend.name}' did not start`);
        undo = backend.prepare?.();
      });
      afterAll(() => undo?.());
      body(backend);
    };
    if (reason === undefined) describe(`${title} [${place}]`, declare);
    else describe.skip(`${title} [${place}: skipped, ${reason}]`, declare);
  }
}
