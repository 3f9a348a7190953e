/**
 * The backends that every operator test runs on. One more backend is one more entry: a way to say why it is absent here,
 * and the relative error that its float arithmetic is allowed.
 */
import * as tf from '@tensorflow/tfjs';
import '../../src/index.js';

export interface TestBackend {
  /** As `tf.setBackend` takes it. */
  readonly name: string;
  /** Largest relative error of one operator against float64; see compare.ts. */
  readonly tolerance: number;
  /** Whether the same call gives the same bits every time. */
  readonly repeatable: boolean;
  /** Why this machine cannot run it, where that is so: its tests are then listed as skipped, with this reason. */
  readonly absent?: () => string | undefined;
}

export const BACKENDS: readonly TestBackend[] = [
  { name: 'cpu', tolerance: 1e-5, repeatable: true },
  { name: 'wasm', tolerance: 1e-5, repeatable: true },
];

/** One `describe` for each backend, with the backend active inside it. */
export function describeBackends(title: string, body: (backend: TestBackend) => void): void {
  for (const backend of BACKENDS) {
    const reason = backend.absent?.();
    const declare = (): void => {
      beforeAll(async () => {
        if (!(await tf.setBackend(backend.name))) throw new Error(`The backend '${backend.name}' did not start`);
        await tf.ready();
      });
      body(backend);
    };
    if (reason === undefined) describe(`${title} [${backend.name}]`, declare);
    else describe.skip(`${title} [${backend.name}: skipped, ${reason}]`, declare);
  }
}
