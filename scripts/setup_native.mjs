#!/usr/bin/env node
// Makes @tensorflow/tfjs-node work where its prebuilt library cannot be downloaded or does not exist: fetches the
// TensorFlow wheel with pip and builds tfjs-node's own binding against it. Linux, x64 and ARM. Nothing of the old state
// is touched before the new one is complete and has run; when all is done already it says so at once.
//
//   npm run setup -- native          TF_NATIVE_DIR: folder with an unpacked wheel, or for one (default .native)
//                                 TF_WHEEL: TensorFlow version (default 2.21.0)
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const VERSION = process.env.TF_WHEEL ?? '2.21.0';
const CACHE = path.resolve(process.env.TF_NATIVE_DIR ?? '.native');
const WHEEL = process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu';
const SPACE = 3e9; // bytes: the wheel, and what it unpacks to
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const SMOKE =
  "const tf = require('@tensorflow/tfjs-node');" +
  'if (tf.tensor([1, 2]).sum().dataSync()[0] !== 3) throw new Error("1 + 2 is not 3");' +
  'console.log(tf.backend().binding.TF_Version);';

const require = createRequire(path.resolve('package.json'));
const drafts = new Set();
let child;
let restore; // undoes a swap whose result has not run yet

class SetupError extends Error {}

/** Runs a command; its output is shown, or returned where `quiet`. */
function run(command, args, { quiet = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    child = spawn(command, args, { stdio: quiet ? 'pipe' : 'inherit', ...options });
    let output = '';
    child.stdout?.on('data', (data) => (output += data));
    child.stderr?.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (status) =>
      status === 0 ? resolve(output) : reject(new SetupError(`${command} ended with status ${status}\n${output}`)),
    );
  });
}

async function need(command, args, reason) {
  await run(command, args, { quiet: true }).catch(() => {
    throw new SetupError(`${[command, ...args.slice(0, 2)].join(' ')} must work: ${reason}`);
  });
}

/** Creates a temporary folder that is removed on exit, and removes those left by killed processes. */
function draft(parent) {
  fs.mkdirSync(parent, { recursive: true });
  for (const name of fs.readdirSync(parent)) {
    const [, owner] = /^\.draft-(\d+)-/.exec(name) ?? [];
    if (owner && !isRunning(Number(owner))) fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
  const folder = fs.mkdtempSync(path.join(parent, `.draft-${process.pid}-`));
  drafts.add(folder);
  return folder;
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function clean() {
  for (const folder of drafts) fs.rmSync(folder, { recursive: true, force: true });
}

function packageFolder() {
  try {
    return path.dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    throw new SetupError('@tensorflow/tfjs-node must be installed: npm install --ignore-scripts @tensorflow/tfjs-node');
  }
}

/** TensorFlow version that tfjs-node runs on; undefined if it does not run. */
function works() {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
  // Node 23 removed what tfjs-node calls; the package brings it back for its users, this test for itself.
  const util = "const u = require('util'); u.isArray ??= Array.isArray; u.isNullOrUndefined ??= (v) => v == null;";
  return run(process.execPath, ['-e', util + SMOKE], { quiet: true, env }).then(
    (output) => output.trim().split('\n').at(-1),
    () => undefined,
  );
}

const isWheel = (folder) =>
  LIBRARIES.every((file) => fs.existsSync(path.join(folder, file))) && fs.existsSync(path.join(folder, 'include'));

/** Folder of the unpacked wheel, which is downloaded if missing. */
async function fetchWheel() {
  const wheel = path.join(CACHE, 'tensorflow');
  if (isWheel(wheel)) return wheel;
  await need('python3', ['-m', 'pip', '--version'], 'pip fetches the TensorFlow library');
  const folder = draft(CACHE);
  fs.writeFileSync(path.join(CACHE, '.gitignore'), '*\n');
  const { bavail, bsize } = fs.statfsSync(CACHE);
  if (bavail * bsize < SPACE) throw new SetupError(`3 GB must be free in ${CACHE}`);
  console.log(`[1/3] Fetching ${WHEEL} ${VERSION} (some 300 MB) …`);
  await run('python3', [
    ...[
      '-m',
      'pip',
      'install',
      '--no-deps',
      '--no-compile',
      '--disable-pip-version-check',
      '--root-user-action=ignore',
    ],
    ...['--only-binary=:all:', '--target', folder, `${WHEEL}==${VERSION}`],
  ]);
  const fetched = path.join(folder, 'tensorflow');
  if (!isWheel(fetched)) throw new SetupError(`${WHEEL} ${VERSION} must hold the library and its headers`);
  fs.rmSync(wheel, { recursive: true, force: true });
  fs.renameSync(fetched, wheel);
  return wheel;
}

/** The node-gyp bundled with npm, for runs outside of npm. */
function buildEnvironment() {
  const env = { ...process.env };
  const prefix = path.dirname(path.dirname(process.execPath));
  const gyp = path.join(prefix, 'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js');
  if (!env.npm_config_node_gyp && fs.existsSync(gyp)) env.npm_config_node_gyp = gyp;
  // Uses the headers shipped with Node, so that none are downloaded.
  if (!env.npm_config_nodedir && fs.existsSync(path.join(prefix, 'include/node/node.h'))) {
    env.npm_config_nodedir = prefix;
  }
  return env;
}

/** Builds the binding in a folder of its own inside the package, as deep as its place, and swaps it in. */
async function buildBinding(root, wheel) {
  await need('make', ['--version'], 'the binding is compiled');
  await need(process.env.CXX ?? 'c++', ['--version'], 'the binding is compiled');
  const folder = draft(root);
  for (const name of ['binding', 'binding.gyp', 'package.json']) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  const lib = path.join(folder, 'deps/lib');
  fs.mkdirSync(lib, { recursive: true });
  fs.symlinkSync(path.join(wheel, 'include'), path.join(folder, 'deps/include'));
  for (const file of LIBRARIES) {
    fs.symlinkSync(path.join(wheel, file), path.join(lib, file)); // found through the binding's rpath
    fs.symlinkSync(path.join(wheel, file), path.join(lib, file.replace('_cc', '').replace('.so.2', '.so'))); // the linker's
  }
  console.log('[2/3] Building the binding …');
  const gyp = createRequire(path.join(root, 'package.json')).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
  const options = { cwd: folder, env: buildEnvironment(), quiet: true };
  await run(process.execPath, [gyp, 'install', '--build-from-source'], options);

  console.log('[3/3] Trying it …');
  const parts = ['deps', 'lib'];
  const old = draft(root);
  const swap = (from, to) => {
    for (const part of parts) {
      if (fs.existsSync(path.join(from, part))) fs.renameSync(path.join(from, part), path.join(to, part));
    }
  };
  restore = () => {
    restore = undefined;
    swap(root, folder);
    swap(old, root);
  };
  swap(root, old);
  swap(folder, root);
  const version = await works();
  if (version !== undefined) {
    restore = undefined;
    return version;
  }
  restore();
  throw new SetupError('tfjs-node must run with the binding built for it; the state before is restored');
}

async function main() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new SetupError(`the system must be Linux on x64 or arm64, received ${process.platform} on ${process.arch}`);
  }
  const root = packageFolder();
  const present = await works();
  if (present !== undefined) {
    console.log(`tfjs-node works already, on TensorFlow ${present}`);
    return;
  }
  const version = await buildBinding(root, await fetchWheel());
  console.log(`tfjs-node works, on TensorFlow ${version}`);
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    child?.kill();
    restore?.();
    clean();
    process.exit(130);
  });
}
try {
  await main();
} catch (error) {
  console.error(error instanceof SetupError ? `Cannot set up tfjs-node: ${error.message}` : error);
  process.exitCode = 1;
} finally {
  clean();
}
