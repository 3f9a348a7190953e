/** Chart of a training step: time and bytes of each part, with the layers of both sides. */
import { loadVega, PALETTE, THEME } from '../../src/plots/vega.js';
import type { Backend } from './counters.js';
import { PARTS, STEP, type PartCost, type Side } from './measure_step.js';
import type { StepCosts } from './step_counters.js';

const SIDES: Readonly<Record<Side, string>> = { host: 'layers of TensorFlow.js', ours: 'layers of this package' };
const BACKENDS: Readonly<Record<Backend, string>> = { webgl: 'WebGL', webgpu: 'WebGPU' };
const MEASURES = [
  { name: 'time', title: 'milliseconds, software renderer', of: ({ time }: PartCost): number => time },
  { name: 'bytes', title: 'MB read and written', of: ({ bytes }: PartCost): number => bytes / 1e6 },
] as const;

export async function stepPlot(steps: StepCosts): Promise<string> {
  const draw = await loadVega();
  const panel = (backend: Backend, { name, title, of }: (typeof MEASURES)[number]) => ({
    title: `${BACKENDS[backend]}, ${name}`,
    width: 260,
    height: { step: 14 },
    data: { values: steps[backend].map((cost) => ({ part: cost.part, side: SIDES[cost.side], value: of(cost) })) },
    mark: { type: 'bar' },
    encoding: {
      x: { field: 'value', type: 'quantitative', axis: { title, tickCount: 5 } },
      y: { field: 'part', type: 'nominal', sort: [...PARTS], axis: { title: null } },
      yOffset: { field: 'side', sort: Object.values(SIDES) },
      color: {
        field: 'side',
        type: 'nominal',
        scale: { domain: Object.values(SIDES), range: [PALETTE.vermillion, PALETTE.blue] },
        legend: { title: null, orient: 'top', labelLimit: 0 },
      },
    },
  });
  const { alpha, size, batch } = STEP;
  return draw({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    config: { ...THEME, axis: { ...THEME.axis, labelLimit: 260 } },
    title: {
      text: `One training step of MobileNetV1 α ${alpha}, ${size}², batch ${batch}`,
      subtitle: 'The layers of TensorFlow.js normalise with many kernels, which are the rest.',
    },
    vconcat: (Object.keys(BACKENDS) as Backend[]).map((backend) => ({
      hconcat: MEASURES.map((measure) => panel(backend, measure)),
    })),
  });
}
