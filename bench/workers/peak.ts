/**
 * How many multiplications and additions of 128-bit vectors the engine does in a second: sums in registers, as many as
 * hide the latency of the arithmetic, and no memory.
 */
import { now } from './clock.js';
import type { Works } from './work.js';

/** Vectors of 4 floats that are multiplied and added to in turn. */
const COUNTS = [8, 10, 12, 14] as const;
const STEPS = 200_000;
/** Milliseconds. */
const WARM_UP = 1000;

function source(count: number): string {
  const each = (text: (index: number) => string): string => Array.from({ length: count }, (_, i) => text(i)).join('\n');
  return `export function run(steps: i32, factor: f32, addend: f32): f32 {
    const a = f32x4.splat(factor);
    const b = f32x4.splat(addend);
    ${each((i) => `let s${i} = f32x4.splat(${i + 1});`)}
    for (let i = 0; i < steps; i++) {
      ${each((i) => `s${i} = f32x4.add(f32x4.mul(s${i}, a), b);`)}
    }
    ${each((i) => (i === 0 ? '' : `s0 = f32x4.add(s0, s${i});`))}
    return f32x4.extract_lane(s0, 0);
  }`;
}

/** What is used of the compiler. */
interface Compiler {
  readonly main: (
    args: readonly string[],
    files: {
      readonly readFile: (name: string) => string | null;
      readonly writeFile: (name: string, contents: string | Uint8Array) => void;
      readonly listFiles: () => readonly string[];
    },
  ) => Promise<{ readonly error: Error | null }>;
}

/** An ES module, which cannot be required; by a variable, since its types declare a `require` of their own. */
const COMPILER = 'assemblyscript/asc';

async function compile(count: number): Promise<(steps: number, factor: number, addend: number) => number> {
  const { main } = (await import(COMPILER)) as Compiler;
  let binary: Uint8Array | undefined;
  const options = ['--outFile', 'peak.wasm', '--enable', 'simd', '--runtime', 'stub', '-O3'];
  const { error } = await main(['peak.ts', ...options], {
    readFile: (name) => (name === 'peak.ts' ? source(count) : null),
    writeFile: (name, contents) => {
      if (typeof contents !== 'string' && name.endsWith('.wasm')) binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw error ?? new Error('the compiler wrote no binary');
  const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(binary)));
  return instance.exports['run'] as (steps: number, factor: number, addend: number) => number;
}

export const peak: Works = {
  /** Milliseconds of a billion operations, with the number of sums that is fastest. */
  multiplyAddPeak: async () => {
    const runs = await Promise.all(COUNTS.map(compile));
    const timeOf = (index: number): number => {
      const start = now();
      runs[index]!(STEPS, 0.5, 1);
      return (now() - start) / ((COUNTS[index]! * 8 * STEPS) / 1e9);
    };
    // The engine's optimising compiler takes its time, more so on a busy machine.
    const start = performance.now();
    while (performance.now() - start < WARM_UP) COUNTS.forEach((_, index) => timeOf(index));
    let latest = 0;
    return {
      run: () => {
        latest = Math.min(...COUNTS.map((_, index) => timeOf(index)));
        return [];
      },
      measure: () => latest,
    };
  },
};
