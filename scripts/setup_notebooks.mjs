#!/usr/bin/env node
// Fetches Jupyter from PyPI for examples/notebooks: a virtual environment in .python/notebooks (some 170 MB) with JupyterLab,
// what executes and converts notebooks, and the tslab kernel, which is registered in there and nowhere else. Python 3.11 or
// newer with pip is needed. What is there already is left as it is, also by a set-up that is stopped or fails.
//
//   npm run setup -- notebooks
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './freshness.mjs';

const PACKAGES = [
  ...['jupyterlab==4.6.6', 'nbclient==0.11.0', 'nbconvert==7.17.2', 'nbformat==5.11.1'],
  ...['nbstripout==0.9.1', 'latex2mathml==3.81.1'],
];
const SMOKE = 'import jupyterlab, latex2mathml, nbclient, nbconvert, nbstripout';

/** The kernel runs the tslab in node_modules through a script that sets the working directory. */
const KERNEL = {
  argv: ['node', path.join(root, 'scripts/notebook_kernel.cjs'), 'kernel', '--config-path', '{connection_file}'],
  display_name: 'TypeScript',
  language: 'typescript',
};

const folder = path.join(root, '.python');
const place = path.join(folder, 'notebooks');
const stamp = path.join(place, 'packages.json');
const wanted = JSON.stringify([PACKAGES, KERNEL]);

/** The Python of the environment, which runs modules from wherever the environment is moved to. */
export function pythonOf(environment) {
  return path.join(environment, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python3']));
}

/** The Python of `npm run setup -- notebooks`, or undefined before that. */
export function installedPython() {
  return isReady() ? pythonOf(place) : undefined;
}

function isReady() {
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted;
}

function run(file, args) {
  execFileSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

function install() {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, '.gitignore'), '*\n');
  // Leftovers of an interrupted run.
  const isDraft = (name) => name.startsWith('notebooks-draft-');
  for (const name of fs.readdirSync(folder).filter(isDraft)) fs.rmSync(path.join(folder, name), { recursive: true });
  const draft = fs.mkdtempSync(path.join(folder, 'notebooks-draft-'));
  try {
    // Debian's Python has no pip to copy into environments; the one outside installs into them as well.
    run('python3', ['-m', 'venv', '--without-pip', draft]);
    const python = pythonOf(draft);
    const quiet = ['--no-compile', '--disable-pip-version-check', '--root-user-action=ignore', '--quiet'];
    run('python3', ['-m', 'pip', '--python', python, 'install', ...quiet, '--only-binary=:all:', ...PACKAGES]);
    run(python, ['-c', SMOKE]);
    const kernel = path.join(draft, 'share/jupyter/kernels/tslab');
    fs.mkdirSync(kernel, { recursive: true });
    fs.writeFileSync(path.join(kernel, 'kernel.json'), `${JSON.stringify(KERNEL, null, 2)}\n`);
    fs.writeFileSync(path.join(draft, path.basename(stamp)), wanted);
    fs.rmSync(place, { recursive: true, force: true });
    fs.renameSync(draft, place);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

if (path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (isReady()) {
    console.log(`Jupyter is there already: ${PACKAGES[0]}`);
  } else {
    try {
      install();
      console.log(`Jupyter works: ${PACKAGES[0]}`);
    } catch (error) {
      console.error(`Cannot set up Jupyter: Python 3.11 or newer with pip must install and run it (${error.message})`);
      process.exitCode = 1;
    }
  }
}
