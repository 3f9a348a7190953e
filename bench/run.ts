/**
 * Runs the benchmarks and prints their tables. A complete run is stored in bench/results, and bench/results.md is
 * rewritten from the latest two runs.
 *
 *   npm start -w bench [-- QUESTION…]
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { QUESTIONS, STUDIES } from './questions.js';
import { describeMachine } from './support/machine.js';
import { measure, type Effort, type Measured } from './support/measure.js';
import { Peers, type Clock } from './support/peers.js';
import { createProgress, type Progress } from './support/progress.js';
import type { Comparison, Question, Row } from './support/question.js';
import { saveRun } from './support/record.js';
import { writeResults } from './support/results.js';
import { rowsOf } from './support/rows.js';
import type { Study } from './support/study.js';
import { questionTable } from './support/table.js';

interface Options extends Effort {
  readonly clock: Clock;
  readonly list?: true;
  readonly report?: true;
}

/** Context of one run. */
interface Session {
  readonly peers: Peers;
  readonly effort: Effort;
  readonly progress: Progress;
  readonly isRelaxed: boolean;
}

const NAMES = [...QUESTIONS, ...STUDIES].map(({ name }) => name);

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A positive integer is needed.');
  return value;
}

function questionName(text: string, previous: readonly string[] = []): string[] {
  if (!NAMES.includes(text)) throw new InvalidArgumentError(`Questions are ${NAMES.join(', ')}.`);
  return [...previous, text];
}

const program = new Command('npm start -w bench --')
  .description(
    'Measures this package beside its peers (npm run setup -- bench). Ctrl-C ends it; nothing is written then.',
  )
  .argument('[questions...]', 'what to measure (default: all, and bench/results.md is written)', questionName)
  .option('--passes <count>', 'of which the best one counts', positive, 3)
  .option('--rounds <count>', 'turns of each side in a pass', positive, 5)
  .option('--budget <ms>', 'length of a turn: work is repeated for so long', positive, 30)
  .addOption(
    new Option('--clock <kind>', 'wall: time that goes by; cpu: what a process computes, on a machine that is busy')
      .choices(['wall', 'cpu'])
      .default('wall'),
  )
  .option('--report', 'only write bench/results.md, from the runs that are kept')
  .option('--list', 'only list the questions')
  .action(main);

async function main(names: readonly string[] | undefined, options: Options): Promise<void> {
  if (options.list === true) {
    for (const { name, title } of [...QUESTIONS, ...STUDIES]) console.log(`${name.padEnd(16)} ${title}`);
    return;
  }
  if (options.report === true) {
    console.log(await writeResults());
    return;
  }
  const { clock, passes, rounds, budget } = options;
  const isChosen = ({ name }: { name: string }): boolean =>
    names === undefined || names.length === 0 || names.includes(name);
  const [questions, studies] = [QUESTIONS.filter(isChosen), STUDIES.filter(isChosen)];
  const peers = new Peers(clock);
  const effort = { passes, rounds, budget };
  const progress = createProgress(stepsOf(questions, studies, effort));
  try {
    const wasm = await peers.get('wasm', 1);
    if ('missing' in wasm) throw new Error(wasm.missing);
    const binary = wasm.versions['wasm kernels']!;
    const session = { peers, effort, progress, isRelaxed: binary === 'relaxed' };
    const rows: Row[] = [];
    for (const question of questions) rows.push(...(await answer(question, session)));
    const answers: Record<string, unknown> = {};
    for (const study of studies) answers[study.name] = await explore(study, session);
    progress.stop();
    console.log(`wasm kernels: ${binary}`);
    if (questions.length + studies.length < NAMES.length) return;
    const versions = await peers.versions();
    const date = new Date().toISOString();
    saveRun({ date, machine: describeMachine(), versions, binary, clock, effort, rows, studies: answers });
    console.log(`written: ${await writeResults()}`);
  } finally {
    progress.stop();
    await peers.stop();
  }
}

function stepsOf(questions: readonly Question[], studies: readonly Study[], { passes, rounds }: Effort): number {
  const comparisons = questions.reduce((sum, question) => sum + question.comparisons.length, 0);
  return comparisons * passes * rounds + studies.reduce((sum, { steps }) => sum + steps, 0);
}

async function answer(question: Question, session: Session): Promise<Row[]> {
  const rows: Row[] = [];
  for (const comparison of question.comparisons) {
    session.progress.begin(`${question.name}: ${comparison.title}`);
    rows.push(...rowsOf(question, comparison, await tryToMeasure(comparison, session), session.isRelaxed));
  }
  session.progress.say(`\n## ${question.name}: ${question.title}\n\n${questionTable(rows)}`);
  return rows;
}

/** A peer that crashes fails its comparison, not the run. */
async function tryToMeasure(comparison: Comparison, { peers, effort, progress }: Session): Promise<Measured> {
  try {
    return await measure(comparison, peers, effort, progress.step);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { figures: {}, missing: Object.fromEntries(Object.keys(comparison.sides).map((key) => [key, reason])) };
  }
}

async function explore(study: Study, { peers, effort, progress }: Session): Promise<unknown> {
  progress.begin(study.name);
  const found = await study.run(peers, effort, progress.step);
  progress.say(`\n## ${study.name}: ${study.title}\n\n${(await study.report(found)).text}`);
  return found;
}

process.on('SIGINT', () => process.exit(130));
program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
