/** Formats the costs of a training step as Markdown. */
import type { Backend } from './counters.js';
import { megabytes, table } from './markdown.js';
import { PARTS, STEP, type PartCost, type Side } from './measure_step.js';
import type { StepCosts } from './step_counters.js';

export function stepSection(steps: StepCosts): string {
  const of = (backend: Backend, side: Side, wanted: string): PartCost =>
    steps[backend].find((cost) => cost.side === side && cost.part === wanted)!;
  const rows = (backend: Backend): string[][] =>
    PARTS.map((part) => {
      const [host, ours] = [of(backend, 'host', part), of(backend, 'ours', part)];
      return [
        part,
        ...[host, ours].flatMap(({ dispatches, time, bytes }) => [`${dispatches}`, time.toFixed(0), megabytes(bytes)]),
      ];
    });
  const head = ['part', 'host: dispatches', 'ms', 'MB', 'ours: dispatches', 'ms', 'MB'];
  const { alpha, size, batch } = STEP;
  return `## One training step

MobileNetV1 α ${alpha}, ${size}², batch ${batch}, with the layers of TensorFlow.js and with those of this package. Times are of a
software renderer on a machine with other work: the kernels of each part alone, run again on the inputs that they had in the
step, the fastest of several runs. They say which parts weigh most, not how fast a GPU is. The layers of TensorFlow.js normalise with
many kernels, which are in the rest.

![Time and bytes of each part of a step](gpu_step.svg)

### WebGL

${table(head, rows('webgl'))}

### WebGPU

${table(head, rows('webgpu'))}`;
}
