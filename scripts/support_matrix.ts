/**
 * Writes docs/support.md: which operator has which kernels on which backend, read from the registry itself.
 *
 *   npm run docs:support [-- --check]
 */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '../src/register.js';
import { BACKENDS, type BackendName, type OpDescriptor } from '../src/ops/descriptor.js';
import { OPS } from '../src/ops/registry.js';

const target = path.resolve(__dirname, '../docs/support.md');

/** The operators without kernels of their own, and what they are made of. */
const COMPOSED: Readonly<Record<string, string>> = {
  conv2dTranspose: 'the gradients of `conv2d`',
  deformConv2dV3: '`deformConv2d` and host operators',
  channelShuffle: 'host operators',
};

function cell({ kernelNames, gradients, unsupported }: OpDescriptor, backend: BackendName): string {
  if (unsupported[backend] !== undefined) return `no: ${unsupported[backend]}`;
  const missing = kernelNames.filter((name) => (tf.getKernel(name, backend) as unknown) === undefined);
  if (missing.length > 0) return `lacks ${missing.join(', ')}`;
  return gradients.length > 0 ? 'forward, gradients' : 'forward';
}

function matrix(): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '# Operators and backends',
    '',
    'Written by `npm run docs:support` from the registry. `tensorflow` is tfjs-node.',
    '',
    row(['operator', ...BACKENDS]),
    row(['---', ...BACKENDS.map(() => '---')]),
    ...OPS.map((op) => row([`\`${op.name}\``, ...BACKENDS.map((backend) => cell(op, backend))])),
    ...Object.entries(COMPOSED).map(([name, parts]) => row([`\`${name}\``, ...BACKENDS.map(() => `through ${parts}`)])),
    '',
  ].join('\n');
}

if (process.argv.includes('--check')) {
  const written = fs.existsSync(target) ? fs.readFileSync(target, 'utf8') : '';
  if (written.replace(/[ -]+/g, ' ') !== matrix().replace(/[ -]+/g, ' ')) {
    console.error("docs/support.md does not match the registry: run 'npm run docs:support'");
    process.exitCode = 1;
  }
} else {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, matrix());
}
