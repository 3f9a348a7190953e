/**
 * Runs every golden file of a directory on the active backend: values and gradients. A file that is not of the form of
 * golden_file.ts, or an operator that is not in operators.ts, is a failure; an operator that the package does not have
 * yet, or not on this backend, is skipped and counted.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { unravel } from '../oracle/array64.js';
import { scoped } from '../support/scoped.js';
import { checkCase, parseGoldenFile, titleOf, type GoldenCase, type GoldenTensor } from './golden_file.js';
import { OPERATORS, type OperatorForm } from './operators.js';

export interface Report {
  readonly passed: number;
  readonly skipped: number;
  /** One line for each case that failed, and for each file that is not of the form. */
  readonly failures: readonly string[];
}

/** |got − want| ≤ atol + RELATIVE · |want|, with atol at least ABSOLUTE. */
const ABSOLUTE = 1e-4;
const RELATIVE = 1e-4;

type Operator = (...values: unknown[]) => tf.Tensor;

export interface Selection {
  /** Only the cases of one operator, as the files name it. @default all */
  readonly op?: string | undefined;
  /** The functions that the operators' names are looked up in. @default the package's exports */
  readonly library?: object;
}

/** Runs the golden files that lie directly in the directory. */
export async function runDirectory(directory: string, selection: Selection = {}): Promise<Report> {
  const { op } = selection;
  if (op !== undefined && !OPERATORS.has(op)) {
    const known = [...OPERATORS.keys()].join(', ');
    return { passed: 0, skipped: 0, failures: [`${directory}: op must be among ${known}, received ${op}`] };
  }
  if (!fs.existsSync(directory)) {
    return { passed: 0, skipped: 0, failures: [`${directory}: there must be such a directory`] };
  }
  const files = fs.readdirSync(directory).filter((file) => file.endsWith('.json'));
  const reports: Report[] = [];
  for (const file of files.sort()) reports.push(await runFile(path.join(directory, file), selection));
  const report = {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    skipped: reports.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: reports.flatMap(({ failures }) => failures),
  };
  if (report.passed + report.skipped + report.failures.length > 0) return report;
  return { ...report, failures: [`${directory}: there must be golden cases${op === undefined ? '' : ` of ${op}`}`] };
}

/** The last line of a run: "3 passed, 1 failed, 2 skipped". */
export function summary({ passed, skipped, failures }: Report): string {
  return `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Runs one golden file. */
export async function runFile(file: string, { op, library = conv }: Selection = {}): Promise<Report> {
  const title = path.basename(file);
  let cases: readonly unknown[];
  try {
    cases = parseGoldenFile(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    return { passed: 0, skipped: 0, failures: [`${title}: ${messageOf(error)}`] };
  }
  let passed = 0;
  let skipped = 0;
  const failures: string[] = [];
  for (const value of cases) {
    const { name, op: caseOp } = titleOf(value);
    if (op !== undefined && caseOp !== undefined && caseOp !== op) continue;
    try {
      const { golden, form } = checkCase(value);
      const differences = await runCase(golden, form, library);
      if (differences.length === 0) passed += 1;
      else failures.push(`${title}: ${name}: ${differences.join('; ')}`);
    } catch (error) {
      if (error instanceof NotYetError || error instanceof conv.UnsupportedBackendError) skipped += 1;
      else failures.push(`${title}: ${name}: ${messageOf(error)}`);
    }
  }
  return { passed, skipped, failures };
}

/** An operator of the golden files that the package does not export yet. */
class NotYetError extends Error {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What differs from the expected tensors, each in a few words. */
async function runCase(golden: GoldenCase, form: OperatorForm, library: object): Promise<string[]> {
  const operator = (library as Readonly<Record<string, unknown>>)[form.function];
  if (operator === undefined) throw new NotYetError(form.function);
  const atol = Math.max(ABSOLUTE, golden.atol ?? 0);
  const differences: string[] = [];
  await scoped(async () => {
    for (const [name, tensor] of Object.entries(evaluate(golden, form, operator as Operator))) {
      const difference = await compare(tensor, golden.expected[name]!, atol);
      if (difference !== undefined) differences.push(`${name}${difference}`);
    }
  });
  return differences;
}

/** Every tensor that the case expects. */
function evaluate(golden: GoldenCase, form: OperatorForm, operator: Operator): Record<string, tf.Tensor> {
  const tensors = Object.fromEntries(
    Object.entries(golden.inputs).map(([name, { shape, data }]) => [
      name,
      tf.tensor([...data], [...shape], name === 'boxIndices' ? 'int32' : 'float32'),
    ]),
  );
  const run = (replaced: Readonly<Record<string, tf.Tensor>>): tf.Tensor => {
    const all: Readonly<Record<string, tf.Tensor | undefined>> = { ...tensors, ...replaced };
    const optional = form.optionalInputs.flatMap((name) =>
      all[name] === undefined ? [] : [[name, all[name]] as const],
    );
    return operator(...form.inputs.map((name) => all[name]), { ...golden.attributes, ...Object.fromEntries(optional) });
  };
  const results: Record<string, tf.Tensor> = {};
  if ('y' in golden.expected) results['y'] = run({});
  const names = Object.keys(golden.inputs).filter((name) => `d_${name}` in golden.expected);
  if (names.length === 0) return results;
  const gradients = tf.grads((...given: tf.Tensor[]) =>
    run(Object.fromEntries(names.map((name, index) => [name, given[index]!]))),
  )(
    names.map((name) => tensors[name]!),
    cotangentOf(golden, run),
  );
  names.forEach((name, index) => (results[`d_${name}`] = gradients[index]!));
  return results;
}

function cotangentOf({ cotangent }: GoldenCase, run: (replaced: Record<string, tf.Tensor>) => tf.Tensor): tf.Tensor {
  return cotangent === undefined || cotangent === 'ones'
    ? tf.onesLike(run({}))
    : tf.tensor([...cotangent.data], [...cotangent.shape], 'float32');
}

/** The worst element, if it is outside the tolerance: "[1, 0, 2] got 3, want 4". */
async function compare(got: tf.Tensor, want: GoldenTensor, atol: number): Promise<string | undefined> {
  if (got.shape.join() !== want.shape.join()) {
    return ` has shape [${got.shape.join(', ')}], want [${want.shape.join(', ')}]`;
  }
  const data = await got.data();
  let worst = -1;
  let excess = 1;
  want.data.forEach((wanted, index) => {
    const share = Math.abs(data[index]! - wanted) / (atol + RELATIVE * Math.abs(wanted));
    // A NaN is outside every tolerance, and the first one is the worst.
    if (excess === Infinity || share <= excess) return;
    excess = Number.isNaN(share) ? Infinity : share;
    worst = index;
  });
  if (worst < 0) return undefined;
  return `[${unravel(want.shape, worst).join(', ')}] got ${data[worst]!}, want ${want.data[worst]!}`;
}
