/**
 * The backends that every operator test runs on. One more backend is one more entry: a way to say why it is absent here,
 * and the relative error that its float arithmetic is allowed.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import '../../src/index.js';
import { CopyingHeap } from '../../src/backends/wasm/copying_heap.js';
import { useHeap } from '../../src/backends/wasm/heaps.js';
import { GuardedHeap } from './guarded_heap.js';
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
  /** Largest error of a random case (test/properties), in parts of the terms that a number is the sum of. */
  readonly property: number;
  /** Random cases of each operator. */
  readonly cases: number;
  /** Whether the same call gives the same bits every time. */
  readonly repeatable: boolean;
  /** Why this machine cannot run it, where that is so: its tests are then listed as skipped, with this reason. */
  readonly absent?: () => string | undefined;
  /** Registers it, where importing the package does not. */
  readonly load?: () => void;
  /** Sets the active backend up for its variant; the result undoes it. */
  readonly prepare?: () => () => void;
  /** Whether it is one of those that check every access to memory. */
  readonly guarded?: boolean;
  /** Whether it runs in a browser only: its tests are then declared there (test/browser) and nowhere else. */
  readonly browser?: boolean;
}

/** Checks of memory take time: they run in the suites that ask for them, and in all with the variable `GUARDED` = all. */
const GUARDED = { tolerance: 1e-5, property: 1e-6, cases: 100, guarded: true } as const;

export const BACKENDS: readonly TestBackend[] = [
  { name: 'cpu', tolerance: 1e-5, property: 1e-6, cases: 2000, repeatable: true },
  { name: 'wasm', tolerance: 1e-5, property: 1e-6, cases: 2000, repeatable: true },
  {
    // With the other binary too: the relaxed one on Node 20, the plain one on newer engines.
    name: 'wasm',
    variant: 'on a memory of its own',
    tolerance: 1e-5,
    property: 1e-6,
    cases: 200,
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
  { name: 'wasm', variant: 'with every access checked', ...GUARDED, repeatable: true, prepare: () => guard(1) },
  {
    // In the parts that three threads would make: how an image is cut depends on the batch.
    name: 'wasm',
    variant: 'with every access checked, in parts',
    ...GUARDED,
    repeatable: false,
    prepare: () => guard(3),
  },
  // Threads share sums out as they come.
  {
    name: 'tensorflow',
    tolerance: 1e-5,
    property: 1e-6,
    cases: 200,
    repeatable: false,
    absent: nativeAbsence,
    load: loadNative,
  },
  { name: 'webgl', tolerance: 2e-5, property: 1e-6, cases: 200, repeatable: false, browser: true },
  // Atomic additions come in any order.
  {
    name: 'webgpu',
    tolerance: 1e-5,
    property: 1e-6,
    cases: 200,
    repeatable: false,
    absent: webgpuAbsence,
    load: loadWebGPU,
  },
];

function guard(parts: number): () => void {
  const active: unknown = tf.backend();
  const backend = active as tf.KernelBackend;
  useHeap(backend, new GuardedHeap(backend, { parts }));
  return () => {
    useHeap(backend, undefined);
  };
}

const IN_BROWSER = typeof document !== 'undefined';

export interface SuiteOptions {
  /** Backends to run on. @default all */
  readonly where?: (backend: TestBackend) => boolean;
  /** Whether to run with every access to memory checked, too. @default false, unless the variable `GUARDED` is 'all' */
  readonly guarded?: boolean;
}

/**
 * One `describe` for each backend that `where` holds of, with the backend active inside it. Afterwards the one that was active
 * before is active again, or cpu where none was.
 */
export function describeBackends(
  title: string,
  body: (backend: TestBackend) => void,
  { where = () => true, guarded = false }: SuiteOptions = {},
): void {
  const checked = guarded || process.env['GUARDED'] === 'all';
  const present = BACKENDS.filter((backend) => (backend.browser ?? false) === IN_BROWSER).filter(
    (backend) => checked || backend.guarded !== true,
  );
  for (const backend of present.filter(where)) {
    const place = backend.variant === undefined ? backend.name : `${backend.name} ${backend.variant}`;
    const reason = backend.absent?.();
    let before: string | undefined;
    let undo: (() => void) | undefined;
    const declare = (): void => {
      beforeAll(async () => {
        before = tf.getBackend();
        backend.load?.();
        if (!(await tf.setBackend(backend.name))) throw new Error(`The backend '${backend.name}' did not start`);
        undo = backend.prepare?.();
      });
      body(backend);
      // Last, so that what the body does at its end still runs on the backend.
      afterAll(async () => {
        undo?.();
        await tf.setBackend(before ?? 'cpu');
      });
    };
    if (reason === undefined) describe(`${title} [${place}]`, declare);
    else describe.skip(`${title} [${place}: skipped, ${reason}]`, declare);
  }
}

/** {@link describeBackends} with every access to memory checked in every run, too. */
export function describeGuarded(title: string, body: (backend: TestBackend) => void): void {
  describeBackends(title, body, { guarded: true });
}
