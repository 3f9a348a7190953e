/**
 * Writes the table of docs/accuracy.md, "Values and gradients against float64", from a run of the random cases.
 *
 *   npm run docs -- properties
 *
 * It takes PROPERTY_SEED and PROPERTY_RUNS as the tests do. `-- --from FILE`: from the file that PROPERTY_FIGURES named in an
 * earlier run of the tests.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';

/** One line of the output of test/properties/figures.ts. */
interface Figures {
  readonly property: string;
  readonly backend: string;
  readonly seed: number;
  readonly cases: number;
  readonly errors: Readonly<Record<string, number>>;
}

const root = path.resolve(__dirname, '..');
const target = path.join(root, 'docs/accuracy.md');
const HEADING = '## Values and gradients against float64';

/** The columns, from left to right. */
const BACKENDS = [
  'cpu',
  'wasm',
  'wasm on a memory of its own',
  'wasm with every access checked',
  'wasm with every access checked, in parts',
  'tensorflow',
  'webgl',
  'webgpu',
];

const INTRODUCTION = `Random cases of every operator on every backend: windows of any stride, dilation and padding over small images (batches
of none, sizes of 1, kernels larger than the image, strides larger than the kernel), 1 to 19, 31 and 33 channels, offsets
that end on, next to and far outside pixels, that are NaN or infinite, boxes of no size, turned over, outside and huge,
pixels that are NaN or infinite. Value and all gradients are compared with naive loops in float64 (\`test/oracle\`). The error
of an element is |got − wanted| over the sum of the absolute values of the terms that it is a sum of: one rounding of float32
is 6e-8. For the region operators and \`resizeBilinear\` the largest sum of all elements stands for each, times the largest
coordinate. The tests fail above 1e-6.

The table has the worst error of any element of value and gradients.`;

function measure(): Figures[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'properties-'));
  try {
    const file = path.join(folder, 'figures.jsonl');
    const { status } = spawnSync('npm', ['test', '--', 'test/ops/properties', '-t', 'agrees with float64'], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PROPERTY_FIGURES: file },
    });
    if (status !== 0) throw new Error('Cannot write the table: the random cases must pass');
    return read(file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function read(file: string): Figures[] {
  const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Figures);
}

/** Formats an error as 2.3e-7 or 0. */
function worst({ errors }: Figures): string {
  const most = Math.max(0, ...Object.values(errors));
  return most === 0 ? '0' : most.toExponential(1);
}

function table(figures: readonly Figures[]): string {
  const backends = BACKENDS.filter((name) => figures.some(({ backend }) => backend === name));
  const titles = [...new Set(figures.map(({ property }) => property))];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const seeds = [...new Set(figures.map(({ seed }) => seed))].join(', ');
  const cases = backends.map((backend) => {
    const counts = figures.filter((line) => line.backend === backend).map((line) => line.cases);
    const [least, most] = [Math.min(...counts), Math.max(...counts)].map((count) => count.toLocaleString('en'));
    return `${least === most ? least : `${least} to ${most}`} on ${backend}`;
  });
  return [
    INTRODUCTION,
    '',
    row(['operator', ...backends]),
    row(['---', ...backends.map(() => '---')]),
    ...titles.map((title) =>
      row([
        title.replace(/(\w+\(\))/, '`$1`'),
        ...backends.map((backend) => {
          const line = figures.find((found) => found.property === title && found.backend === backend);
          return line === undefined ? 'not run' : worst(line);
        }),
      ]),
    ),
    '',
    `Cases of each operator: ${cases.join(', ')}. Repeated by \`PROPERTY_SEED=${seeds} npm run docs -- properties\`.`,
  ].join('\n');
}

async function main(): Promise<void> {
  const text = fs.readFileSync(target, 'utf8');
  const start = text.indexOf(HEADING) + HEADING.length;
  const end = text.indexOf('\n## ', start);
  const { values } = parseArgs({ options: { from: { type: 'string' } } });
  const figures = values.from === undefined ? measure() : read(values.from);
  const section = `${text.slice(0, start)}\n\n${table(figures)}\n${text.slice(end)}`;
  const options = await prettier.resolveConfig(target);
  fs.writeFileSync(target, await prettier.format(section, { ...options, filepath: target }));
}

void main();
