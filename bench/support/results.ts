/** Writes bench/results.md: the latest two runs side by side, with charts. */
import fs from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';
import { QUESTIONS, STUDIES } from '../questions.js';
import type { Machine } from './machine.js';
import { BENCH } from './peers.js';
import type { Row } from './question.js';
import { keyOf, ratioChart, type NamedRun } from './ratio_chart.js';
import { loadRuns, RESULTS, type RunRecord } from './record.js';
import { digits, figureOf, limitOf, markdownTable } from './table.js';

const TARGET = path.join(BENCH, 'results.md');

const INTRODUCTION = `# Benchmarks

Written by \`npm start -w bench\`, after \`npm run setup -- bench\`. Every figure is a ratio measured in one run of one program: each
side works in a process of its own, and the sides take turns. Inputs are made and results are compared before anything is
timed; the median of a pass counts, of the best pass. A peer runs with one thread (t1) and with two (t2), and the better
one counts. What is said of wasm is one thread. [limits.md](limits.md) says what stops the rows that miss their target.`;

export async function writeResults(): Promise<string> {
  const { runs, before } = loadRuns();
  const latest = runs.at(-1)!;
  const named: NamedRun[] = [
    ...(before === undefined ? [] : [{ name: 'before', rows: before.rows }]),
    ...runs.map(({ rows, date }) => ({ name: nameOf(date), rows })),
  ];
  const parts = [INTRODUCTION, conditions(runs, before), summary(runs), '![Ratio to target](results/ratios.svg)'];
  const pictures: Record<string, string> = { 'ratios.svg': await ratioChart(named) };
  for (const { name, title } of QUESTIONS) {
    const rows = latest.rows.filter(({ question }) => question === name);
    if (rows.length > 0) parts.push(`## ${name}`, `${title}.`, comparisonTable(rows, runs, before));
  }
  for (const study of STUDIES) {
    const answer = latest.studies[study.name];
    if (answer === undefined) continue;
    const report = await study.report(answer);
    parts.push(`## ${study.name}`, `${study.title}.`, report.text);
    Object.assign(pictures, report.pictures);
  }
  for (const [name, svg] of Object.entries(pictures)) fs.writeFileSync(path.join(RESULTS, name), svg);
  const options = (await prettier.resolveConfig(TARGET)) ?? {};
  fs.writeFileSync(
    TARGET,
    await prettier.format(`${parts.join('\n\n')}\n`, { ...options, parser: 'markdown', plugins: [] }),
  );
  return path.relative(process.cwd(), TARGET);
}

const nameOf = (date: string): string => date.slice(0, 16).replace('T', ' ');

function conditions(runs: readonly RunRecord[], before: RunRecord | undefined): string {
  const machine = ({ processor, cores, memory, system, node }: Machine): string =>
    `${processor}, ${cores} cores, ${memory}, ${system}, Node ${node}`;
  return [...(before === undefined ? [] : [before]), ...runs]
    .map((run) => {
      const { date, versions, binary, clock } = run;
      const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
      const time =
        clock === 'cpu'
          ? ' Times are processor time, of all threads together, so that what runs on two looks slower than it is.'
          : '';
      const what = run === before ? 'Before the kernels were tuned, run' : 'Run';
      return `${what} of ${nameOf(date)} UTC: ${machine(run.machine)}; wasm kernels: ${binary}; ${peers.join(', ')}.${time}`;
    })
    .join('\n\n');
}

function summary(runs: readonly RunRecord[]): string {
  const counts = runs.map(({ rows, date }) => {
    const judged = rows.filter(({ met }) => met !== undefined);
    return `${judged.filter(({ met }) => met).length} of ${judged.length} (${nameOf(date)})`;
  });
  return `Targets met: ${counts.join(', ')}.`;
}

/** Times of the latest run, and ratios of all runs. */
function comparisonTable(rows: readonly Row[], runs: readonly RunRecord[], before: RunRecord | undefined): string {
  const find = (run: RunRecord | undefined, key: string): Row | undefined =>
    run?.rows.find((row) => keyOf(row) === key);
  const columns = [...(before === undefined ? [] : [before]), ...runs];
  const heads = columns.map((run) => (run === before ? 'before' : nameOf(run.date)));
  return markdownTable(
    ['shape', 'work', 'against', 'target', ...heads, 'ours', 'theirs', 'met'],
    rows.map((row) => {
      const ratios = columns.map((run) => {
        const found = find(run, keyOf(row));
        return found?.ratio === undefined ? (found?.missing ?? '–') : digits(found.ratio);
      });
      const met = runs.map((run) => find(run, keyOf(row))?.met);
      const verdict = met.every((value) => value === true)
        ? 'yes'
        : met.some((value) => value === true)
          ? 'once'
          : '**no**';
      return [
        ...[row.title, row.work, row.against, limitOf(row), ...ratios],
        ...[figureOf(row.ours, row.unit), figureOf(row.peer, row.unit), row.met === undefined ? '–' : verdict],
      ];
    }),
  );
}
