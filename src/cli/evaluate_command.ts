/** `tfjs-convolutions evaluate`: loss and accuracy of a saved model on test images. */
import { isDeepStrictEqual } from 'node:util';
import { evaluate, type Evaluation } from '../training/evaluate.js';
import { startBackend } from './backend.js';
import { EXIT, type ExitStatus } from './exit_status.js';
import { count, percent } from './format.js';
import { loadData } from './load_data.js';
import { openModel } from './open_model.js';
import type { EvaluateCommandOptions } from './program.js';

const DEFAULT_SEED = 1;

/** What `train` noted in the model. */
interface TrainingNotes {
  readonly classNames?: readonly string[];
  readonly seed?: number;
}

/** Evaluates a saved model as the command line says. */
export async function runEvaluate(location: string, options: EvaluateCommandOptions): Promise<ExitStatus> {
  const backend = await startBackend(options.backend);
  const model = await openModel(location);
  const notes = (model.getUserDefinedMetadata() as TrainingNotes | undefined) ?? {};
  const [, height, , channels] = model.inputs[0]!.shape;
  const data = await loadData({
    data: options.data,
    size: height ?? undefined,
    channels: channels === 1 || channels === 3 ? channels : undefined,
    seed: options.seed ?? notes.seed ?? DEFAULT_SEED,
  });
  checkClasses(notes, data.test.classNames);
  process.stdout.write(`backend  ${backend}\ndata     ${data.name}: ${count(data.test.labels.length)} test images\n\n`);

  const started = performance.now();
  const result = await evaluate(model, data.test, { batchSize: options.batch });
  const speed = data.test.labels.length / ((performance.now() - started) / 1000);
  process.stdout.write(`${describe(result, data.test.classNames)}\n${Math.round(speed)} images/s\n`);
  return EXIT.success;
}

function checkClasses({ classNames }: TrainingNotes, received: readonly string[]): void {
  if (classNames === undefined || isDeepStrictEqual(classNames, received)) return;
  const rule = `the data must have the classes of the training (${classNames.join(', ')})`;
  throw new Error(`Cannot evaluate: ${rule}, received classes = ${received.join(', ')}`);
}

function describe({ loss, accuracy, confusion }: Evaluation, classNames: readonly string[]): string {
  const width = Math.max(5, ...classNames.map((name) => name.length));
  const rows = confusion.map((row, label) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    const mistakes = row
      .map((value, guess) => ({ value, guess }))
      .filter(({ value, guess }) => value > 0 && guess !== label)
      .sort((a, b) => b.value - a.value)
      .slice(0, 3)
      .map(({ value, guess }) => `${classNames[guess]} (${value})`);
    const share = total === 0 ? '-' : percent(row[label]! / total, 1);
    return `${classNames[label]!.padEnd(width)}  ${count(total).padStart(7)}  ${share.padStart(8)}  ${mistakes.join(', ')}`.trimEnd();
  });
  const header = `${'class'.padEnd(width)}   images  accuracy  most often taken for`;
  return `test accuracy ${percent(accuracy, 2)}, loss ${loss.toFixed(3)}\n\n${[header, ...rows].join('\n')}\n`;
}
