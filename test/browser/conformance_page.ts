/** The page's side of conformance.ts: the files come as texts, and stand where the runner looks for them. */
import * as tf from '@tensorflow/tfjs';
import { runDirectory, type Report } from '../conformance/runner.js';

/** Runs the files of a directory, or says that there is none. */
export async function runFiles(
  backend: string,
  directory: string,
  files: readonly (readonly [name: string, text: string])[] | undefined,
  op: string | undefined,
): Promise<Report> {
  if (!(await tf.setBackend(backend))) throw new Error(`The backend '${backend}' did not start`);
  // Read by what stands in for node:fs; see bundle.ts.
  Object.assign(globalThis, { filesOfPage: files && Object.fromEntries(files) });
  return runDirectory(directory, { op });
}
