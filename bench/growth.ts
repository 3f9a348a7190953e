/** Study: growth of time and memory with image size, channels, batch size and offsets. */
import { measure, type Effort } from './support/measure.js';
import type { Peers } from './support/peers.js';
import type { Comparison, Side } from './support/question.js';
import { deformInputs } from './support/shapes.js';
import type { Study } from './support/study.js';
import { digits, markdownTable } from './support/table.js';
import { growthChart } from './support/growth_chart.js';

interface Size {
  readonly side: number;
  readonly channels: number;
  readonly batch: number;
  /** Standard deviation of the offsets in pixels. */
  readonly magnitude: number;
}

interface Axis {
  readonly name: string;
  readonly field: keyof Size;
  readonly values: readonly number[];
  readonly fixed: Size;
}

const USUAL: Size = { side: 14, channels: 64, batch: 1, magnitude: 1 };
const powers = (from: number, to: number): number[] => (from > to ? [] : [from, ...powers(from * 2, to)]);

const AXES: readonly Axis[] = [
  { name: 'image side', field: 'side', values: powers(32, 1024), fixed: { ...USUAL, channels: 16 } },
  { name: 'channels', field: 'channels', values: powers(8, 1024), fixed: USUAL },
  { name: 'batch', field: 'batch', values: powers(1, 128), fixed: USUAL },
  { name: 'offsets, pixels', field: 'magnitude', values: [0, 1, 3, 10, 30, 100], fixed: { ...USUAL, side: 56 } },
];

const WORKS = {
  'conv2d forward': ['conv2d', false],
  'conv2d forward + gradients': ['conv2d', true],
  'deformConv2d forward': ['deformConv2d', false],
  'deformConv2d forward + gradients': ['deformConv2d', true],
} as const;

const names = Object.keys(WORKS) as (keyof typeof WORKS)[];

/** One workload of one size. */
export interface GrowthPoint {
  readonly axis: string;
  readonly value: number;
  readonly work: string;
  readonly ms: number;
  /** Peak heap usage beyond the inputs. */
  readonly mebibytes: number;
  /** Multiply-adds of the matrix products, forward and backward. */
  readonly macs: number;
}

async function run(peers: Peers, effort: Effort, step: () => void): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const { name, field, values, fixed } of AXES) {
    for (const value of values) {
      points.push(...(await measureSize(name, value, { ...fixed, [field]: value }, peers, effort)));
      step();
    }
  }
  return points;
}

async function measureSize(
  axis: string,
  value: number,
  size: Size,
  peers: Peers,
  effort: Effort,
): Promise<GrowthPoint[]> {
  const { side, channels, batch, magnitude } = size;
  const inputs = deformInputs({ side, channels }, { batch, magnitude });
  const sidesOf = (make: (convolution: string, gradients: boolean) => Side): Comparison['sides'] =>
    Object.fromEntries(names.map((name) => [name, { ...make(WORKS[name][0], WORKS[name][1]), result: name }]));
  const timed = sidesOf((work, gradients) => ({ peer: 'wasm', work, params: { gradients } }));
  const filled = sidesOf((convolution, gradients) => ({
    peer: 'wasm',
    work: 'memory.peak',
    params: { convolution, gradients },
  }));
  const common = { title: axis, inputs, targets: [] };
  const times = await measure({ ...common, sides: timed }, peers, effort, () => undefined);
  const once = { passes: 1, rounds: 1, budget: 1 };
  const memory = await measure({ ...common, sides: filled }, peers, once, () => undefined);
  return names.map((work) => {
    const [ms, mebibytes] = [times.figures[work], memory.figures[work]];
    if (ms === undefined || mebibytes === undefined) {
      const reason = times.missing[work] ?? memory.missing[work] ?? 'nothing was measured';
      throw new Error(`${work} at ${axis} ${value}: ${reason}`);
    }
    const macs = batch * side ** 2 * 9 * channels ** 2 * (WORKS[work][1] ? 3 : 1);
    return { axis, value, work, ms: ms.best, mebibytes: mebibytes.best, macs };
  });
}

/** Exponent of the best-fitting power law. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const covariance = mean(logs.map(([x, y]) => (x - mx) * (y - my)));
  return covariance / mean(logs.map(([x]) => (x - mx) ** 2));
}

/** Larger half of an axis, where computation outweighs call overhead. */
function rowOf(points: readonly GrowthPoint[], { axis, work }: GrowthPoint): string[] {
  const series = points.filter((point) => point.axis === axis && point.work === work && point.value > 0);
  const large = series.slice(-Math.ceil((series.length + 1) / 2));
  const fit = (of: (point: GrowthPoint) => number): number => slope(large.map((point) => [point.value, of(point)]));
  const steps = large.slice(1).map((point, index) => {
    const before = large[index]!;
    return point.ms / before.ms / (point.macs / before.macs);
  });
  const range = `${large[0]!.value} … ${large.at(-1)!.value}`;
  const exponents = [fit(({ ms }) => ms), fit(({ macs }) => macs), fit(({ mebibytes }) => mebibytes)];
  const last = large.at(-1)!;
  return [
    ...[axis, work, range, ...exponents.map((value) => value.toFixed(2)), digits(Math.max(...steps))],
    ...[`${digits(last.ms)} ms`, `${digits(last.mebibytes)} MiB`],
  ];
}

export const growth: Study = {
  name: 'growth',
  title: 'Time and memory on wasm against the size of the work',
  steps: AXES.reduce((sum, { values }) => sum + values.length, 0),
  run,
  report: async (answer) => {
    const points = answer as readonly GrowthPoint[];
    const firsts = points.filter(
      (point, index) => points.findIndex(({ axis, work }) => axis === point.axis && work === point.work) === index,
    );
    const head = ['axis', 'work', 'fitted over', 'slope of time', 'of multiply-adds', 'of memory'];
    const table = markdownTable(
      [...head, 'worst step', 'time at the end', 'memory at the end'],
      firsts.map((point) => rowOf(points, point)),
    );
    const text =
      'The slope is the exponent of the power that fits best, over the larger half of the sizes; a slope of time below ' +
      'that of multiply-adds is work that grows slower than they do (sampling, packing). The worst step is the largest growth of ' +
      'time between two neighbouring sizes, as a multiple of the growth of multiply-adds: a cliff would stand out. ' +
      'Memory is the peak beyond the inputs.';
    return {
      text: `${text}\n\n${table}\n\n![Growth](results/growth.svg)`,
      pictures: { 'growth.svg': await growthChart(points, names) },
    };
  },
};
