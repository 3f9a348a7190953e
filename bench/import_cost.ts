/**
 * What does importing the package cost? Milliseconds of `require('tfjs-convolutions')` in fresh processes, beside those of
 * its two peers, which are loaded before it; and of all three in one process, cold. The best of ten each, in turn.
 *
 *   npm run -w bench import-cost
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROUNDS = 10;

const MODULES = {
  '@tensorflow/tfjs': '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-wasm': '@tensorflow/tfjs-backend-wasm',
  'tfjs-convolutions': './dist/cjs/index.js',
} as const;

const SUBPATHS = ['plots', 'training', 'interop'].map((name) => `./dist/cjs/${name}/index.js`);

/** Milliseconds of each `require`, one after the other in a fresh process. */
function requireInTurn(modules: readonly string[]): number[] {
  const program = `
    const times = [];
    for (const name of ${JSON.stringify(modules)}) {
      const start = performance.now();
      require(name);
      times.push(performance.now() - start);
    }
    console.log(JSON.stringify(times));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: path.resolve(__dirname, '..'),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Cannot import: the package must be built (npm run build), received: ${stderr}`);
  return JSON.parse(stdout) as number[];
}

/** Best of each module's times over the rounds. */
function best(modules: readonly string[]): number[] {
  const rounds = Array.from({ length: ROUNDS }, () => requireInTurn(modules));
  return modules.map((_, index) => Math.min(...rounds.map((times) => times[index]!)));
}

export function main(): void {
  const names = Object.keys(MODULES);
  const times = best(Object.values(MODULES));
  names.forEach((name, index) => {
    console.log(`${name}: ${times[index]!.toFixed(0)} ms`);
  });
  const [cold] = best([MODULES['tfjs-convolutions']]);
  console.log(`all three, through tfjs-convolutions: ${cold!.toFixed(0)} ms`);
  for (const subpath of SUBPATHS) {
    const [, more] = best([MODULES['tfjs-convolutions'], subpath]);
    console.log(`${subpath} after that: ${more!.toFixed(0)} ms`);
  }
}

if (require.main === module) main();
