/** `npm run fuzz -- [KIND…] [--cases N] [--seed S]`: damaged files of each kind, as a table. */
import { parseArgs } from 'node:util';
import { fuzz, type Figures } from './fuzz.js';
import { KINDS } from './kinds.js';

const { values, positionals } = parseArgs({
  options: { cases: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});

function row({ kind, cases, refused, equal, changed, broken, worstSeconds, worstBytes }: Figures): string {
  const cells = [
    kind,
    cases,
    refused,
    equal,
    changed,
    broken.length,
    worstSeconds.toFixed(2),
    (worstBytes / 2 ** 20).toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function main(): Promise<void> {
  const unknown = positionals.find((name) => !Object.hasOwn(KINDS, name));
  if (unknown !== undefined) throw new Error(`Kinds are ${Object.keys(KINDS).join(', ')}, received '${unknown}'`);
  const kinds = positionals.length > 0 ? positionals : Object.keys(KINDS);
  console.log(
    '| kind | cases | refused | loaded as it was | loaded as another | rules broken | worst time (s) | worst memory (MiB) |',
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const kind of kinds) {
    const figures = await fuzz(kind, Number(values.cases), Number(values.seed));
    console.log(row(figures));
    for (const { index, message } of figures.broken.slice(0, 20)) console.error(`  ${kind} ${index}: ${message}`);
    if (figures.broken.length > 0) process.exitCode = 1;
  }
}

void main();
