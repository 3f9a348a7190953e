/** Every ratio beside its target, as a picture. */
import { loadVega, PALETTE, THEME } from '../../src/plots/vega.js';
import type { Row } from './question.js';

/** One run, under the name that the picture gives it. */
export interface NamedRun {
  readonly name: string;
  readonly rows: readonly Row[];
}

export const keyOf = ({ title, work, against }: Row): string => `${title}: ${work} / ${against}`;

/** How far from its target a ratio is: 1 is just met, smaller is better. */
const share = ({ ratio, limit, atLeast }: Row): number => (atLeast ? limit / ratio! : ratio! / limit);

/** A row for each target, a mark for each run; the line is the target. */
export async function ratioChart(runs: readonly NamedRun[]): Promise<string> {
  const draw = await loadVega();
  const legend = { title: null, orient: 'top' };
  // The latest first: its rows give the order.
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
