// Runs jest on this checkout, with jest's own arguments; `npm test` starts it with --experimental-vm-modules, without which
// no test could `import()` an ES-module-only library (vega).
import { createRequire } from 'node:module';
import { run } from 'jest';

const { projects } = createRequire(import.meta.url)('../jest.config.cjs');
const names = projects.map(({ displayName }) => displayName);

/** Jest takes every word after --selectProjects for a project name: words that are not projects are files, and are moved to the front. */
function filesFirst(args) {
  const files = [];
  const rest = [];
  let isList = false;
  for (const arg of args) {
    if (arg.startsWith('-')) isList = /^--(select|ignore)Projects(=|$)/.test(arg);
    (isList && !arg.startsWith('-') && !names.includes(arg) ? files : rest).push(arg);
  }
  return [...files, ...rest];
}

await run(filesFirst(process.argv.slice(2)));
