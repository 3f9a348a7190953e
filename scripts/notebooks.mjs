#!/usr/bin/env node
// Opens the notebooks of examples/notebooks in JupyterLab, or works on all of them without it. `npm run setup -- notebooks` once
// before. Cells import `tfjs-convolutions` as a user's do: from node_modules of examples/, which leads back to this package.
//
//   npm run notebooks                                  opens JupyterLab; its options follow behind --
//   npm run notebooks -- --execute [--html FOLDER]     runs every cell, two notebooks at a time; fails if a cell does
//   npm run notebooks -- --strip                       removes the outputs, which are not committed
//   npm run notebooks -- --verify                      fails if there are any
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './freshness.mjs';
import { installedPython } from './setup_notebooks.mjs';

const NOTEBOOKS = 'examples/notebooks';

/** Makes `import 'tfjs-convolutions'` mean this repository, for whatever lies in examples/. */
function linkPackage() {
  const link = path.join(root, 'examples/node_modules/tfjs-convolutions');
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.rmSync(link, { force: true });
  // On Windows every user may create junctions, whose targets must be absolute.
  fs.symlinkSync(process.platform === 'win32' ? root : '../..', link, 'junction');
}

function argumentsFor([command, ...rest]) {
  const files = fs.readdirSync(path.join(root, NOTEBOOKS)).filter((name) => name.endsWith('.ipynb'));
  const notebooks = files.map((name) => `${NOTEBOOKS}/${name}`);
  switch (command) {
    case '--execute':
      return ['scripts/run_notebooks.py', ...notebooks, ...rest];
    case '--strip':
      return ['-m', 'nbstripout', '--keep-id', ...notebooks];
    case '--verify':
      return ['-m', 'nbstripout', '--keep-id', '--verify', ...notebooks];
    default:
      return ['-m', 'jupyterlab', `--notebook-dir=${NOTEBOOKS}`, ...process.argv.slice(2)];
  }
}

const python = installedPython();
if (python === undefined) {
  console.error('Cannot run notebooks: Jupyter must be set up before; run: npm run setup -- notebooks');
  process.exitCode = 1;
} else {
  linkPackage();
  // Kernels of the environment take precedence over the user's own kernels of the same name.
  const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(python, argumentsFor(process.argv.slice(2)), { cwd: root, stdio: 'inherit', env });
  // A terminal sends Ctrl-C to both; JupyterLab asks before it stops, and this script waits for the answer.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`Cannot run notebooks: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('close', (status) => {
    process.exitCode = status ?? 1;
  });
}
