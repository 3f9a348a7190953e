/** `npm run conformance -- DIRECTORY [--backend NAME] [--op NAME]`: golden cases against one backend. */
import { Command } from 'commander';
import * as tf from '@tensorflow/tfjs';
import { runDirectoryInBrowser } from '../browser/conformance.js';
import { BACKENDS } from '../support/backends.js';
import { openWebGPU } from '../support/webgpu.js';
import { runDirectory, summary, type Report, type Selection } from './runner.js';

interface Options {
  readonly backend: string;
  readonly op?: string;
}

async function main(directory: string, { backend, op }: Options): Promise<void> {
  const report = await run(directory, backend, { op });
  for (const failure of report.failures) console.log(failure);
  console.log(summary(report));
  if (report.failures.length > 0) process.exitCode = 1;
}

async function run(directory: string, backend: string, selection: Selection): Promise<Report> {
  const known = BACKENDS.find(({ name }) => name === backend);
  if (known?.browser === true) return runDirectoryInBrowser(backend, directory, selection);
  if (backend === 'webgpu') await openWebGPU();
  const reason = known?.absent?.();
  if (reason !== undefined) throw new Error(`The backend '${backend}' did not start: ${reason}`);
  known?.load?.();
  if (!(await tf.setBackend(backend))) throw new Error(`The backend '${backend}' did not start`);
  return runDirectory(directory, selection);
}

const command = new Command('conformance')
  .description('Runs the golden cases of a directory: values and gradients, one line for each failure.')
  .argument('<directory>', 'directory of golden files (.json); its subdirectories are not read')
  .option('--backend <name>', 'TensorFlow.js backend', 'wasm')
  .option('--op <name>', 'only the cases of one operator, as the files name it')
  .action(main);

command.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
