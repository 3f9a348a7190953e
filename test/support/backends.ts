/**
 * Backends that every operator test runs on. A new backend is a new entry: a check of its availability, and the
 * tolerance of its float arithmetic.
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
  /** Name, as for `tf.setBackend`. */
  readonly name: string;
  /** Variant under test, if there are several. */
  readonly variant?: string;
  /** Largest relative error of one operator against float64; see compare.ts. */
  readonly tolerance: number;
  /** Largest error of a random case (test/properties), relative to the sum of the absolute values of the terms. */
  readonly property: number;
  /** Number of random cases of each operator. */
  readonly cases: number;
  /** True if the same call gives the same bits every time. */
  readonly repeatable: boolean;
  /** Returns the reason if this machine cannot run it; its tests are then listed as skipped, with this reason. */
  readonly absent?: () => string | undefined;
  /** Registers it, if importing the package does not. */
  readonly load?: () => void;
  /** Sets up the active backend for its variant; returns a function that undoes it. */
  readonly prepare?: () => () => void;
  /** True if it checks every memory access. */
  readonly guarded?: boolean;
  /** True if it runs only in a browser: its tests are then declared only there (test/browser). */
  readonly browser?: boolean;
}

/**
 * Memory checks are slow: they run only in suites that request them, or in all with the environment variable `GUARDED`
 * = all.
 */
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
    // In the parts for three threads: how images are split depends on the batch.
    name: 'wasm',
    variant: 'with every access checked, in parts',
    ...GUARDED,
    repeatable: false,
    prepare: () => guard(3),
  },
  // Threads divide sums in any order.
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
  // Atomic additions happen in any order.
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
  /**
   * Whether to also run with every memory access checked. @default false, unless the environment variable `GUARDED` is
   * 'all'
   */
  readonly guarded?: boolean;
}

/**
 * Declares one `describe` for each backend selected by `where`, with the backend active inside it. Afterwards the
 * previously active backend is restored, or cpu if there was none.
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
    const label = backend.variant === undefined ? backend.name : `${backend.name} ${backend.variant}`;
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
      // Last, so that the body's own `afterAll` still runs on the backend.
      afterAll(async () => {
        undo?.();
        await tf.setBackend(before ?? 'cpu');
      });
    };
    if (reason === undefined) describe(`${title} [${label}]`, declare);
    else describe.skip(`${title} [${label}: skipped, ${reason}]`, declare);
  }
}

/** {@link describeBackends} with every memory access also checked in every run. */
export function describeGuarded(title: string, body: (backend: TestBackend) => void): void {
  describeBackends(title, body, { guarded: true });
}
