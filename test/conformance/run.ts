/** `npm run conformance -- DIRECTORY [--backend NAME] [--op NAME]`: golden cases against one backend. */
import { Command } from 'commander';
import * as tf from '@tensorflow/tfjs';
import { runDirectory, summary } from './runner.js';

interface Options {
  readonly backend: string;
  readonly op?: string;
}

async function main(directory: string, { backend, op }: Options): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`The backend '${backend}' did not start`);
  const report = runDirectory(directory, { op });
  for (const failure of report.failures) console.log(failure);
  console.log(summary(report));
  if (report.failures.length > 0) process.exitCode = 1;
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
