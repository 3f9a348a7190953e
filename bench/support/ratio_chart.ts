/** Chart of all ratios and their targets. */
import { loadVega, PALETTE, THEME } from '../../src/plots/vega.js';
import type { Row } from './question.js';

/** One run, with its name in the chart. */
export interface NamedRun {
  readonly name: string;
  readonly rows: readonly Row[];
}

export const keyOf = ({ title, work, against }: Row): string => `${title}: ${work} / ${against}`;

/** Ratio relative to its target: 1 just meets it, smaller is better. */
const share = ({ ratio, limit, atLeast }: Row): number => (atLeast ? limit / ratio! : ratio! / limit);

/** Draws a row for each target and a mark for each run; the line is the target. */
export async function ratioChart(runs: readonly NamedRun[]): Promise<string> {
  const draw = await loadVega();
  const legend = { title: null, orient: 'top' };
  // The latest run comes first: its rows determine the order.
  const values = [...runs]
    .reverse()
    .flatMap(({ name, rows }) =>
      rows.flatMap((row) => (row.ratio === undefined ? [] : [{ run: name, row: keyOf(row), share: share(row) }])),
    );
  const names = runs.map(({ name }) => name);
  return draw({
    title: {
      text: 'Ratio to its target',
      subtitle: 'left of the line the target is met; a step of the grid is a factor of two',
    },
    width: 420,
    height: { step: 15 },
    data: { values },
    encoding: {
      y: {
        field: 'row',
        type: 'nominal',
        sort: null,
        axis: { title: null, labelLimit: 0, labelFontSize: 11, grid: true },
      },
    },
    layer: [
      { mark: { type: 'rule', color: PALETTE.vermillion }, encoding: { x: { datum: 1 }, y: null } },
      {
        mark: { type: 'point', filled: true, size: 55, opacity: 0.9 },
        encoding: {
          x: {
            field: 'share',
            type: 'quantitative',
            title: 'ratio / target',
            scale: { type: 'log', base: 2 },
            axis: { format: '~r' },
          },
          color: {
            field: 'run',
            scale: { domain: names, range: [PALETTE.orange, PALETTE.blue, PALETTE.green].slice(-names.length) },
            legend,
          },
          shape: { field: 'run', scale: { domain: names }, legend },
        },
      },
    ],
    config: THEME,
  });
}
