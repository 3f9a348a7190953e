/** Chart of time and memory against size on logarithmic axes, with the slope of the multiply-adds. */
import { loadVega, PALETTE, THEME } from '../../src/plots/vega.js';

interface Point {
  readonly axis: string;
  readonly value: number;
  readonly work: string;
  readonly ms: number;
  readonly mebibytes: number;
  readonly macs: number;
}

const COLOURS = [PALETTE.blue, PALETTE.orange, PALETTE.green, PALETTE.vermillion];

export async function growthChart(points: readonly Point[], works: readonly string[]): Promise<string> {
  const draw = await loadVega();
  const axes = [...new Set(points.map(({ axis }) => axis))];
  const column = (axis: string): object => {
    const own = points.filter((point) => point.axis === axis);
    return {
      spacing: 12,
      vconcat: [
        panel(own, axis, works, 'ms', 'milliseconds'),
        panel(own, axis, works, 'mebibytes', 'MiB beyond the inputs'),
      ],
    };
  };
  return draw({
    title: {
      text: 'Growth on wasm',
      subtitle: 'dashed: as multiply-adds grow, from the largest size back',
    },
    spacing: 24,
    hconcat: axes.map(column),
    config: THEME,
  });
}

function panel(
  points: readonly Point[],
  axis: string,
  works: readonly string[],
  field: 'ms' | 'mebibytes',
  title: string,
): object {
  // An axis that includes 0 cannot be logarithmic.
  const scale = points.some(({ value }) => value === 0) ? { type: 'symlog' } : { type: 'log', base: 2 };
  const values = [...new Set(points.map(({ value }) => value))];
  const x = { field: 'value', type: 'quantitative', title: axis, scale, axis: { values, labelOverlap: true } };
  const y = { type: 'quantitative', scale: { type: 'log' }, axis: { format: '~g' } };
  const ends = works.map((work) => points.filter((point) => point.work === work).at(-1)!);
  const guides = points.map((point) => {
    const end = ends.find(({ work }) => work === point.work)!;
    return { ...point, guide: (end[field] * point.macs) / end.macs };
  });
  const lowest = Math.min(...points.map((point) => point[field])) / 2;
  const color = {
    field: 'work',
    scale: { domain: works, range: COLOURS },
    legend: { title: null, orient: 'bottom', columns: 2, labelLimit: 0 },
  };
  return {
    width: 230,
    height: 200,
    layer: [
      {
        data: { values: field === 'ms' ? guides.filter(({ guide }) => guide >= lowest) : [] },
        mark: { type: 'line', strokeDash: [4, 4], strokeWidth: 1 },
        encoding: { x, y: { ...y, field: 'guide', title }, color },
      },
      {
        data: { values: points },
        mark: { type: 'line', point: true },
        encoding: { x, y: { ...y, field, title }, color },
      },
    ],
  };
}
