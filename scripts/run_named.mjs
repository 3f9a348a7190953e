// One npm script for several programs: `npm run setup -- native` runs the program that `npm run setup` calls "native".
import { spawnSync } from 'node:child_process';
import { root } from './freshness.mjs';

/**
 * Runs the programs of the name that the command line gives, one after the other, until one fails; the last one takes what
 * follows the name. Its exit status becomes that of this process.
 *
 * `programs` has the arguments of Node for each program of each name.
 */
export function runNamed(command, programs) {
  const [name, ...options] = process.argv.slice(2);
  if (name === undefined || !Object.hasOwn(programs, name)) {
    const received = name === undefined ? 'none' : `'${name}'`;
    console.error(
      `Cannot run ${command}: the name must be one of ${Object.keys(programs).join(', ')}, received ${received}`,
    );
    process.exitCode = 1;
    return;
  }
  const last = programs[name].length - 1;
  for (const [index, program] of programs[name].entries()) {
    const words = index === last ? [...program, ...options] : program;
    const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
    if (status !== 0) {
      process.exitCode = status ?? 1;
      return;
    }
  }
}
