/** Chart of memory against steps in long runs: a column for each backend, a row for each measure. */
import { loadVega, PALETTE, THEME } from '../../src/plots/vega.js';
import type { MemorySample } from './long_run.js';

const MEBIBYTE = 2 ** 20;

interface Measure {
  readonly title: string;
  readonly color: string;
  readonly value: (sample: MemorySample) => number | undefined;
}

const mebibytes = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : bytes / MEBIBYTE;

/** Measures of a long run, in the units of the table and the chart. */
export const MEASURES: readonly Measure[] = [
  { title: 'tensors', color: PALETTE.blue, value: ({ tensors }) => tensors },
  { title: 'wasm memory, MiB', color: PALETTE.orange, value: ({ wasmBytes }) => mebibytes(wasmBytes) },
  { title: 'JavaScript heap, MiB', color: PALETTE.green, value: ({ heapBytes }) => mebibytes(heapBytes) },
  { title: 'process, MiB', color: PALETTE.vermillion, value: ({ residentBytes }) => mebibytes(residentBytes) },
];

/** Draws the chart of several runs. */
export async function longRunChart(runs: readonly (readonly MemorySample[])[]): Promise<string> {
  const draw = await loadVega();
  return draw({
    title: { text: 'Memory over long runs', subtitle: 'between two networks, each trained for 100 steps and disposed' },
    spacing: 32,
    hconcat: runs.map((samples) => ({
      title: { text: samples[0]!.backend, fontSize: 14, anchor: 'middle' },
      spacing: 16,
      vconcat: MEASURES.filter(({ value }) => value(samples[0]!) !== undefined).map((measure) =>
        panel(samples, measure),
      ),
    })),
    config: THEME,
  });
}

function panel(samples: readonly MemorySample[], { title, color, value }: Measure): object {
  return {
    width: 380,
    height: 110,
    data: { values: samples.map((sample) => ({ step: sample.step, value: value(sample) })) },
    mark: { type: 'line', color, strokeWidth: 2 },
    encoding: {
      x: { field: 'step', type: 'quantitative', title: 'training steps', axis: { tickCount: 5 } },
      y: { field: 'value', type: 'quantitative', title, scale: { zero: true }, axis: { tickCount: 4, format: ',d' } },
    },
  };
}
