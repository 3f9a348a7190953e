/**
 * Sums over many rows in two steps: within chunks of rows in parallel, then over the chunks. Also more accurate than
 * one long sum.
 */
import type { WebGLCall } from './adapter.js';
import type { Surface } from './program.js';
import type { QuadLayout } from './channel_quads.js';
import { shader } from './shader.js';

/** Division of rows into chunks, about as many as a chunk has rows. */
export interface Chunks {
  readonly rows: number;
  /** Rows per chunk; the last one may have fewer. */
  readonly extent: number;
  readonly count: number;
}

/** Divides rows into about √rows chunks of about √rows rows, so that both steps sum equally many. */
export function chunksOf(rows: number): Chunks {
  const extent = Math.max(1, Math.ceil(Math.sqrt(rows)));
  return { rows, extent, count: Math.ceil(rows / extent) };
}

/** Options of a sum over rows. */
export interface SumOptions {
  /** Range of the target's columns among all columns of the partial sums. @default all columns */
  readonly columns?: { readonly first: number; readonly total: number };
  /** Factor of the sums. @default 1 */
  readonly scale?: number;
  /** Values to which the scaled sums are added. @default 0 */
  readonly base?: Surface | undefined;
}

/** Sums the columns of partial [chunks, columns] into the flat target. */
export function sumChunks(
  call: WebGLCall,
  partial: Surface,
  { count: chunks }: Chunks,
  target: Surface,
  { columns = { first: 0, total: target.size }, scale = 1, base }: SumOptions = {},
): void {
  const { first, total } = columns;
  const ints = { chunks, first, columns: total, based: base === undefined ? 0 : 1 };
  call.draw(sumShader, { inputs: { partial, base: base ?? partial }, ints, floats: { scale }, target });
}

const sumShader = shader(
  'flat',
  { partial: 'flat', base: 'flat' },
  ['chunks', 'first', 'columns', 'based'],
  `
float value(int column) {
  float sum = 0.0;
  for (int chunk = 0; chunk < chunks; chunk++) sum += partial(chunk * columns + first + column);
  return based == 1 ? base(column) + scale * sum : scale * sum;
}`,
  ['scale'],
);

/** Sums the quads of partial [chunks, pixels, groups, quads] into the flat target [pixels, channels]. */
export function sumQuads(
  call: WebGLCall,
  partial: Surface,
  { count: chunks }: Chunks,
  { pixels, channels, groups, quads }: QuadLayout,
  target: Surface,
): void {
  const ints = { chunks, channels: channels / groups, quads, step: pixels * groups * quads };
  call.draw(sumQuadsShader, { inputs: { partial }, ints, target });
}

const sumQuadsShader = shader(
  'flat',
  { partial: 'quads' },
  ['chunks', 'channels', 'quads', 'step'],
  `
float value(int index) {
  int group = quotient(index, channels);
  int channel = index - group * channels;
  int texel = group * quads + channel / 4;
  vec4 sum = vec4(0.0);
  for (int chunk = 0; chunk < chunks; chunk++) {
    sum += partial(texel);
    texel += step;
  }
  return sum[channel & 3];
}`,
);
