// Fetches packages of PyPI into a folder of .python/, by way of a draft: the folder holds all that is wanted, tried once, or
// what it held before.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './freshness.mjs';

/**
 * Fetches the packages unless they are there already, prints what it did, and sets the exit status.
 *
 * @param name folder in .python/
 * @param title name of the whole, for people
 * @param packages requirements, as pip takes them; the first one is named in messages
 * @param isAlone true if what they depend on is not needed
 * @param prepare called with the folder, before it is used
 * @param smoke Python program that uses them
 * @param env makes the environment variables of that program, from the folder
 */
export function fetchPackages({ name, title, packages, isAlone = false, prepare = () => {}, smoke, env = () => ({}) }) {
  const folder = path.join(root, '.python');
  const place = path.join(folder, name);
  const stamp = path.join(place, 'packages.json');
  const wanted = JSON.stringify(packages);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) {
    console.log(`${title} is there already: ${packages[0]}`);
    return;
  }
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, '.gitignore'), '*\n');
  const prefix = `${name}-draft-`;
  // Leftovers of an interrupted run.
  for (const each of fs.readdirSync(folder).filter((entry) => entry.startsWith(prefix))) {
    fs.rmSync(path.join(folder, each), { recursive: true });
  }
  const draft = fs.mkdtempSync(path.join(folder, prefix));
  try {
    const alone = isAlone ? ['--no-deps'] : [];
    const quiet = ['--no-compile', '--disable-pip-version-check', '--root-user-action=ignore', '--quiet'];
    run(['-m', 'pip', 'install', ...quiet, ...alone, '--only-binary=:all:', '--target', draft, ...packages]);
    prepare(draft);
    run(['-c', smoke], { env: { ...process.env, PYTHONPATH: draft, ...env(draft) } });
    fs.writeFileSync(path.join(draft, path.basename(stamp)), wanted);
    fs.rmSync(place, { recursive: true, force: true });
    fs.renameSync(draft, place);
    console.log(`${title} works: ${packages[0]}`);
  } catch (error) {
    console.error(`Cannot set up ${title}: Python 3.11 or newer with pip must install and run it (${error.message})`);
    process.exitCode = 1;
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

function run(args, options = {}) {
  execFileSync('python3', args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
}
