/** The text of docs/support.md, the table of operators and backends, from the registry itself. */
import * as tf from '@tensorflow/tfjs';
import '../src/register.js';
import { BACKENDS, type BackendName } from '../src/kernel/backend_names.js';
import type { OpDescriptor } from '../src/ops/descriptor.js';
import { OPS } from '../src/ops/registry.js';

/** Operators without kernels of their own, and the operators that they are composed of. */
const COMPOSED: Readonly<Record<string, string>> = {
  conv2dTranspose: 'the gradients of `conv2d`',
  deformConv2dV3: '`deformTaps` and `deformConv2d`',
  resizeBilinear: 'kernels of TensorFlow.js, and `matMul` backward',
};

const NOTES = `## On WebGL

WebGL 2 is required. A second input size compiles no shader, forward or backward; only \`resizeBilinear\`, which runs
kernels of TensorFlow.js, compiles some for every size, both here and on WebGPU. Image gradients of deformable convolutions and
RoI operators are summed on the GPU if it can blend float32 textures (\`EXT_float_blend\`); otherwise this falls back to
the CPU: correct, but slower, and the call waits for the device.

Some devices, mostly phones, render to float16 textures only (\`WEBGL_RENDER_FLOAT32_ENABLED\` is false; to try it, set
\`WEBGL_FORCE_F16_TEXTURES\` before the backend starts). Every operator runs there too, with half precision: shaders
compute in float32, and what they store has 11 bits. Tests hold values and gradients of the convolutions, the RoI
operators and \`batchNorm\` to an error of 4e-3, relative to the value or to the root mean square of all, the larger of
both. Values above 65504 become infinite, and values below 6e-8 become 0. Boxes and offsets are stored in this precision too: a
location 100 pixels from the origin is accurate to a sixteenth of a pixel. This is for running trained models; train
elsewhere, since small gradients and their squares in Adam become 0.
`;

function cell({ kernelNames, gradients }: OpDescriptor, backend: BackendName): string {
  const missing = kernelNames.filter((name) => (tf.getKernel(name, backend) as unknown) === undefined);
  if (missing.length > 0) return `lacks ${missing.join(', ')}`;
  return gradients.length > 0 ? 'forward, gradients' : 'forward';
}

/** Markdown of the page, before Prettier aligns its table. */
export function supportTable(): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '# Operators and backends',
    '',
    'Written by `npm run docs -- support` from the registry. `tensorflow` is tfjs-node.',
    '',
    row(['operator', ...BACKENDS]),
    row(['---', ...BACKENDS.map(() => '---')]),
    ...OPS.map((op) => row([`\`${op.name}\``, ...BACKENDS.map((backend) => cell(op, backend))])),
    ...Object.entries(COMPOSED).map(([name, parts]) => row([`\`${name}\``, ...BACKENDS.map(() => `through ${parts}`)])),
    '',
    NOTES,
  ].join('\n');
}
