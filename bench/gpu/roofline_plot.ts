/** Chart of the bounds: a point for each limit; the rightmost point of a row is the binding one. */
import { loadVega, PALETTE, THEME } from '../../src/plots/vega.js';
import { GPU, ruling, type Bound, type Limit } from './roofline.js';

const COLOURS: Readonly<Record<Limit, string>> = {
  arithmetic: PALETTE.blue,
  memory: PALETTE.vermillion,
  'texture units': PALETTE.green,
};

const BACKENDS = { webgl: 'WebGL', webgpu: 'WebGPU' } as const;
const PASSES = { forward: 'forward', backward: 'all gradients' } as const;
const PANELS = Object.values(BACKENDS).flatMap((name) => Object.values(PASSES).map((pass) => `${name}, ${pass}`));

export async function rooflinePlot(bounds: Readonly<Record<keyof typeof BACKENDS, readonly Bound[]>>): Promise<string> {
  const values = (Object.keys(BACKENDS) as (keyof typeof BACKENDS)[]).flatMap((backend) =>
    bounds[backend].flatMap((bound) =>
      (Object.keys(bound.times) as Limit[])
        .filter((limit) => bound.times[limit] > 0)
        .map((limit) => ({
          panel: `${BACKENDS[backend]}, ${PASSES[bound.pass]}`,
          work: `${bound.work.title} ${bound.work.image[1]}²`,
          limit,
          rules: ruling(bound) === limit,
          time: bound.times[limit],
        })),
    ),
  );
  const draw = await loadVega();
  return draw({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    config: { ...THEME, axis: { ...THEME.axis, labelLimit: 260 }, facet: { spacing: 24 } },
    title: {
      text: `Least time on one ${GPU.name}`,
      subtitle: 'By the dispatches and bytes that were counted. The filled point of a row is the limit that rules.',
    },
    data: { values },
    facet: { field: 'panel', type: 'nominal', title: null, sort: PANELS },
    columns: 2,
    spec: {
      width: 280,
      height: { step: 18 },
      encoding: {
        x: {
          field: 'time',
          type: 'quantitative',
          scale: { type: 'log' },
          axis: { title: 'microseconds', tickCount: 5, format: '~r' },
        },
        y: { field: 'work', type: 'nominal', sort: null, axis: { title: null, grid: true } },
        color: {
          field: 'limit',
          type: 'nominal',
          scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
          legend: { title: null, orient: 'top', symbolType: 'circle' },
        },
      },
      layer: [
        { mark: { type: 'point', size: 70, strokeWidth: 1.5, fill: 'white', opacity: 1 } },
        { transform: [{ filter: 'datum.rules' }], mark: { type: 'point', size: 70, filled: true, opacity: 1 } },
      ],
    },
  });
}
