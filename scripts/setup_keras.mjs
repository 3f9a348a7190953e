#!/usr/bin/env node
// Fetches Keras from PyPI for the tests that compare with it: Keras, HDF5 for Python, and JAX, which convolves for the
// NumPy backend of Keras; and safetensors, which reads checkpoints. All goes into .python/ (some 600 MB) and nowhere else;
// Python 3.11 or newer and pip are needed.
//
//   npm run setup -- keras
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './freshness.mjs';

const PACKAGES = [
  'keras==3.15.0',
  'h5py==3.16.0',
  'jax==0.10.2',
  'jaxlib==0.10.2',
  'numpy==2.4.6',
  'safetensors==0.8.0',
];
const SMOKE =
  'import h5py, keras, safetensors.numpy; keras.ops.conv(keras.ops.ones((1, 2, 2, 1)), keras.ops.ones((1, 1, 1, 1)))';

const folder = path.join(root, '.python');
const place = path.join(folder, 'keras');
const stamp = path.join(place, 'packages.json');
const wanted = JSON.stringify(PACKAGES);

function run(args, options = {}) {
  execFileSync('python3', args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
}

function install() {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, '.gitignore'), '*\n');
  // Leftovers of an interrupted run.
  const isDraft = (name) => name.startsWith('draft-');
  for (const name of fs.readdirSync(folder).filter(isDraft)) fs.rmSync(path.join(folder, name), { recursive: true });
  const draft = fs.mkdtempSync(path.join(folder, 'draft-'));
  try {
    const quiet = ['--no-compile', '--disable-pip-version-check', '--root-user-action=ignore', '--quiet'];
    run(['-m', 'pip', 'install', ...quiet, '--only-binary=:all:', '--target', draft, ...PACKAGES]);
    run(['-c', SMOKE], { env: { ...process.env, PYTHONPATH: draft, KERAS_BACKEND: 'numpy', KERAS_HOME: draft } });
    fs.writeFileSync(path.join(draft, path.basename(stamp)), wanted);
    fs.rmSync(place, { recursive: true, force: true });
    fs.renameSync(draft, place);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) {
  console.log(`Keras is there already: ${PACKAGES[0]}`);
} else {
  try {
    install();
    console.log(`Keras works: ${PACKAGES[0]}`);
  } catch (error) {
    console.error(`Cannot set up Keras: Python 3.11 or newer with pip must install and run it (${error.message})`);
    process.exitCode = 1;
  }
}
