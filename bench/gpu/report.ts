/** Formats the counts as Markdown. */
import type { Backend, Counts } from './counters.js';
import type { HalfCount } from './half_precision.js';
import { megabytes, table } from './markdown.js';
import { halfSection } from './half_report.js';
import type { StepCosts } from './step_counters.js';
import { stepSection } from './step_report.js';
import type { Counted, Passes } from './count.js';
import type { Recording } from './recording.js';
import { boundsOf, GPU, ruling, sum, type Bound, type Pass } from './roofline.js';
import { ROOFLINE } from './works.js';

const BACKENDS = [
  ['webgl', 'WebGL'],
  ['webgpu', 'WebGPU'],
] as const;

type All = Readonly<Record<Backend, Counts>> & { readonly webgpu: { readonly half: readonly HalfCount[] } };

const kilobytes = (bytes: number): string => Math.round(bytes / 1e3).toLocaleString('en');
const imageOf = ({ image }: Counted): string => `${image[1]}²×${image[3]}`;

/** Formats the number of dispatches, with the host's after a plus sign. */
function countDispatches({ dispatches }: Recording): string {
  const host = dispatches.filter((dispatch) => dispatch.host).length;
  const own = dispatches.length - host;
  if (host === 0) return `${own}`;
  return own === 0 ? `+${host}` : `${own}+${host}`;
}

function operatorTable(counts: Counts): string {
  const rows = counts.operators.map((counted) => {
    const passes = [counted.first.forward, counted.first.backward];
    const both = (what: (recording: Recording) => number): number =>
      passes.reduce((total, recording) => total + what(recording), 0);
    const compiled = ({ forward, backward }: Passes): number => forward.compiled + backward.compiled;
    return [
      counted.title,
      imageOf(counted),
      ...passes.flatMap((recording) => [
        countDispatches(recording),
        kilobytes(sum(recording, 'read')),
        kilobytes(sum(recording, 'written')),
      ]),
      `${compiled(counted.first)} → ${compiled(counted.second!)}`,
      kilobytes(both(({ uploaded }) => uploaded)),
      kilobytes(both(({ readBack }) => readBack)),
    ];
  });
  const head =
    'operator, image, forward, kB read, kB written, gradients, kB read, kB written, programs, kB sent, kB back';
  return table(head.split(', '), rows);
}

function dispatchTable(counted: Counted): string {
  const rows = [counted.first.forward, counted.first.backward].flatMap(({ dispatches }) =>
    dispatches.map(({ kernel, shader, read, written }) => [kernel, shader, megabytes(read), megabytes(written)]),
  );
  return table(['kernel', 'shader', 'MB read', 'MB written'], rows);
}

function boundTable(bounds: readonly Bound[]): string {
  const rows = bounds.map((bound) => {
    const { times, work, pass, flops, bytes, leastBytes } = bound;
    const micro = (time: number): string => (time === 0 ? '' : time.toFixed(time < 10 ? 1 : 0));
    return [
      work.title,
      imageOf(work),
      pass === 'forward' ? pass : 'gradients',
      (flops / 1e6).toFixed(flops < 1e7 ? 1 : 0),
      megabytes(bytes),
      (bytes / leastBytes).toFixed(1),
      micro(times.arithmetic),
      micro(times.memory),
      micro(times['texture units']),
      ruling(bound),
    ];
  });
  const head = 'operator, image, pass, MFLOP, MB, × least, arithmetic µs, memory µs, texture µs, limit';
  return table(head.split(', '), rows);
}

/** Bytes that a deformable convolution moves besides inputs and results, and the possible savings. */
function findings(all: All): string {
  const at = all.webgl.roofline.findIndex(({ title }) => title === 'deformConv2d');
  const work = ROOFLINE[at]!;
  const [, side, , channels] = work.image;
  const columns = 4 * side * side * 9 * channels;
  const of = (backend: Backend, pass: Pass): Bound =>
    boundsOf(backend, work, all[backend].roofline[at]!).find((bound) => bound.pass === pass)!;
  const share = (bound: Bound, times: number): string => `${Math.round((100 * times * columns) / bound.bytes)} %`;
  const micro = (times: number): string => `${Math.round(((times * columns) / GPU.bytes) * 1e6)} µs`;
  const { arithmetic } = of('webgl', 'forward').times;
  const fetches = (sum(all.webgl.roofline[at]!.first.forward, 'fetched') / GPU.texels) * 1e6;
  return `- **Columns on WebGL.** At ${side}²×${channels} the columns are ${megabytes(columns)} MB. The forward pass writes them and reads
  them again, ${share(of('webgl', 'forward'), 2)} of its bytes (${micro(2)}); the gradients do so for the filter, and write the columns'
  gradients once and read them twice, together ${share(of('webgl', 'backward'), 5)} (${micro(5)}). Without memory that threads share, a
  product that samples its own operand would sample every column once for each four output channels: ${channels / 4} times
  the reads. They stay.
- **Fetches on WebGL.** The forward product alone fetches for ${Math.round(fetches)} µs what it computes in ${Math.round(arithmetic)} µs.
  Its blocks of 4 × 4 results are drawn into four textures at once; blocks of 4 × 8 would need eight, which not every
  device has, and fetch a quarter less.
- **Depthwise on WebGL.** A fetch brings four channels, so fetches no longer rule; packing the image and unpacking the result
  are draws of their own, with which the forward pass moves twice the least bytes.
- **Columns on WebGPU.** No pass stores columns or their gradients: a workgroup samples the tile that it multiplies, and
  spreads the tile of column gradients that it has computed. Storing these and reading them twice would take ${micro(3)}.
- **One result a program** makes \`adamUpdates\` read its inputs in each of three dispatches, and \`takeLanes\` split the
  gradients of offset and mask on WebGL.
- **deformConv2dV3** sends a filter of ones at every call.
- **resizeBilinear** alone compiles at a new size: it is composed of the host's operators.`;
}

export function boundsOn(backend: Backend, counts: Counts): Bound[] {
  return counts.roofline.flatMap((counted, index) => boundsOf(backend, ROOFLINE[index]!, counted));
}

export function report(all: All, steps: StepCosts): string {
  const detailed = all.webgl.roofline.findIndex(({ title }) => title === 'deformConv2d');
  const sections = BACKENDS.map(
    ([backend, name]) => `## Operators on ${name}

${operatorTable(all[backend])}`,
  );
  const details = BACKENDS.map(
    ([backend, name]) => `### ${name}

${dispatchTable(all[backend].roofline[detailed]!)}`,
  );
  const bounds = BACKENDS.map(
    ([backend, name]) => `### ${name}

${boundTable(boundsOn(backend, all[backend]))}`,
  );
  return `# What the operators ask of a GPU

Counts, which are the same on every device, a software renderer included, and the times of
[one training step](#one-training-step). \`npm run -w bench gpu-counts\` writes this page. Bytes are what a draw or dispatch
must move at the least, each tensor that it touches once; a program is a compiled shader. "+1" is the host's own dispatch. "5 → 0" programs are compiled at the first call, of value and gradients, and at
the first call of another size and batch. What is sent and read back are the values of tensors.

${sections.join('\n\n')}

## Each dispatch of deformConv2d, 56²×64

${details.join('\n\n')}

## Roofline

On an ${GPU.name}: ${GPU.source}. Times are what each limit asks for at the least, if nothing stays in a cache between two
dispatches; whoever measures will find more, above all for dispatches this small. "× least" are the bytes over those of
inputs and results alone. Texture units are those of WebGL, which has no memory that threads share: each block of 4 × 4
results of a product fetches its operands itself. A texel is counted once whether it holds one number or four.

![The least times by each limit](gpu_roofline.svg)

${bounds.join('\n\n')}

${stepSection(steps)}

${halfSection(all.webgpu.half)}

## What stands out

${findings(all)}
`;
}
