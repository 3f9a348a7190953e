/**
 * Runs the benchmarks.
 *
 *   npm run bench [-- QUESTION…]
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { QUESTIONS } from './questions.js';
import { measure, type Effort } from './support/measure.js';
import { Peers, type Clock } from './support/peers.js';
import type { Question, Row } from './support/question.js';
import { rowsOf } from './support/rows.js';
import { questionTable } from './support/table.js';

async function main(): Promise<void> {
  const count = (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A positive integer is needed.');
    return value;
  };
  const program = new Command('npm run bench --')
    .argument('[questions...]', 'names of questions (default: all)')
    .option('--passes <count>', 'the best of so many passes counts', count, 3)
    .option('--rounds <count>', 'turns of each side in a pass, of which the median counts', count, 5)
    .option('--budget <ms>', 'length of a turn', count, 30)
    .addOption(
      new Option('--clock <kind>', 'wall: time that goes by; cpu: what a process computes, for a machine that is busy')
        .choices(['wall', 'cpu'])
        .default('wall'),
    )
    .option('--list', 'list the questions')
    .parse();
  const options = program.opts<Effort & { list?: boolean; clock: Clock }>();
  if (options.list === true) {
    for (const { name, title } of QUESTIONS) console.log(`${name.padEnd(18)} ${title}`);
    return;
  }
  const chosen = program.args.length === 0 ? QUESTIONS : program.args.map(find);
  const peers = new Peers(options.clock);
  process.on('SIGINT', () => process.exit(130));
  try {
    for (const question of chosen) {
      const rows: Row[] = [];
      for (const comparison of question.comparisons) {
        const measured = await measure(comparison, peers, options, () => process.stderr.write('.'));
        rows.push(...rowsOf(question, comparison, measured, false));
        for (const [k, v] of Object.entries(measured.missing)) process.stderr.write(`${k}: ${v}\n`);
      }
      console.log(`\n## ${question.name}: ${question.title}\n\n${questionTable(rows)}`);
    }
    console.log(await peers.versions());
  } finally {
    await peers.stop();
  }
}

function find(name: string): Question {
  const question = QUESTIONS.find((candidate) => candidate.name === name);
  if (question === undefined) throw new InvalidArgumentError(`There is no question ${name}.`);
  return question;
}

void main();
