/** Synthetic input values, the same in every run, and their files. */
import fs from 'node:fs';
import path from 'node:path';
import type { StoredValues } from './protocol.js';
import type { InputSpec, Inputs } from './question.js';

/** Writes each input into a folder once. */
export function storeInputs(inputs: Inputs, folder: string): StoredValues[] {
  return Object.entries(inputs).map(([name, spec], index) => {
    const key = `${name}-${spec.fill ?? 'normal'}-${spec.scale ?? 1}-${spec.shape.join('x')}`;
    const file = path.join(folder, `${key}.bin`);
    if (!fs.existsSync(file)) fs.writeFileSync(file, makeValues(spec, index + 1));
    return { name, shape: spec.shape, file };
  });
}

export function readValues({ file }: StoredValues): Float32Array {
  const bytes = fs.readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

export function makeValues({ shape, fill = 'normal', scale = 1 }: InputSpec, seed: number): Float32Array {
  const random = mulberry32(seed);
  const length = shape.reduce((size, part) => size * part, 1);
  const width = shape.at(-1)!;
  const draw = {
    uniform: random,
    normal: () => normal(random),
    oneHot: (index: number) => Number(index % width === Math.floor(index / width) % width),
  }[fill];
  return Float32Array.from({ length }, (_, index) => draw(index) * scale);
}

/** Box–Muller transform. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Largest difference of two results, relative to the root mean square of the second; infinite if one contains NaN. */
export function difference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  let [largest, squares] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(error)) return Infinity;
    largest = Math.max(largest, error);
    squares += expected[i]! ** 2;
  }
  return largest === 0 ? 0 : largest / Math.sqrt(squares / expected.length);
}
