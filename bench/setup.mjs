#!/usr/bin/env node
// Fetches what `npm start -w bench` compares with, into .bench/ (npm) and .python/bench/ (PyPI) and nowhere else: ONNX Runtime
// for the web and native, LiteRT.js, jax-js, Keras on TensorFlow, torch with torchvision; and makes tfjs-node work
// (scripts/setup_native.mjs). LiteRT.js runs in Chromium, on a model that Keras's peer converts; torch.compile needs a C++
// compiler.
// Python 3.11 or newer with pip is needed, and 7 GB: on Linux, torch of PyPI does not start without CUDA's libraries.
// What is there already is left as it is.
//
//   npm run setup -- bench [PEER…]    PEER: native, onnxruntime, jax-js, litert, keras or torch (default: all)
//                                     TF_NATIVE_DIR: as for setup_native.mjs; its TensorFlow wheel serves Keras too
//                                     BENCH_PYTHON: a Python whose own torch and torchvision are to be used
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../scripts/freshness.mjs';

const PYTHON = process.env.BENCH_PYTHON ?? 'python3';
const WHEEL = path.resolve(root, process.env.TF_NATIVE_DIR ?? '.native', 'tensorflow');
const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

const ONNX_RUNTIME = ['onnxruntime-web@1.30.0', 'onnxruntime-node@1.30.0'];
const JAX_JS = ['@jax-js/jax@0.1.25'];
const LITERT = ['@litertjs/core@2.5.3'];

const TENSORFLOW = process.arch === 'arm64' ? 'tensorflow==2.21.0' : 'tensorflow-cpu==2.21.0';
const KERAS = ['keras==3.15.0', 'numpy==2.4.6'];
/** What TensorFlow imports, for a wheel that is there without it. */
const TENSORFLOW_IMPORTS = [
  ...['absl-py', 'astunparse', 'flatbuffers', 'gast', 'google_pasta', 'opt_einsum', 'packaging', 'protobuf<8'],
  ...['requests', 'six', 'termcolor', 'typing_extensions', 'wrapt', 'grpcio', 'h5py<3.15', 'ml_dtypes<1'],
];
const KERAS_SMOKE =
  'import keras, tensorflow; assert (keras.__version__, tensorflow.__version__) == ("3.15.0", "2.21.0")';

const TORCH = ['torch==2.15.0', 'torchvision==0.29.2', 'numpy==2.4.6', 'pillow==13.0.0'];
/** What torch imports, and the libraries that it is linked with: without Triton (1 GB), which only GPUs use. */
const TORCH_IMPORTS = [
  ...[
    'filelock',
    'fsspec',
    'jinja2',
    'MarkupSafe',
    'mpmath<1.4',
    'networkx',
    'setuptools',
    'sympy',
    'typing_extensions',
  ],
  ...['nvidia-cublas==13.4.1.3', 'nvidia-cuda-cupti==13.2.86', 'nvidia-cuda-nvrtc==13.2.86'],
  ...['nvidia-cuda-runtime==13.2.86', 'nvidia-cudnn-cu13==9.26.0.51', 'nvidia-cufft==12.2.0.57'],
  ...['nvidia-cufile==1.17.1.22', 'nvidia-cusolver==12.2.0.11', 'nvidia-cusparse==12.7.10.12'],
  ...['nvidia-cusparselt-cu13==0.8.1', 'nvidia-nccl-cu13==2.30.7', 'nvidia-nvjitlink==13.2.86'],
  'nvidia-nvshmem-cu13==3.7.2',
];
const TORCH_SMOKE =
  'import torch, torchvision as v; assert torch.__version__.startswith("2.15.0") and v.__version__.startswith("0.29.2");' +
  'v.ops.deform_conv2d(torch.ones(1, 1, 3, 3), torch.zeros(1, 18, 1, 1), torch.ones(1, 1, 3, 3))';

function run(file, args, env = {}) {
  execFileSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
}

function pip(target, ...args) {
  const quiet = ['--no-compile', '--disable-pip-version-check', '--root-user-action=ignore', '--quiet'];
  run(PYTHON, ['-m', 'pip', 'install', ...quiet, '--only-binary=:all:', '--target', target, ...args]);
}

function python(code, place) {
  const env = { PYTHONPATH: place, KERAS_BACKEND: 'tensorflow', KERAS_HOME: place, TF_CPP_MIN_LOG_LEVEL: '2' };
  run(PYTHON, ['-c', code], { ...env, PYTHONDONTWRITEBYTECODE: '1' });
}

/** Fills a folder by way of a draft of it, unless it holds what is wanted already. */
function fill(place, wanted, install) {
  const stamp = path.join(place, '.installed.json');
  const text = JSON.stringify(wanted);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === text) return 'there already';
  const folder = path.dirname(place);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, '.gitignore'), '*\n');
  const prefix = `draft-${path.basename(place)}-`;
  // What a run that was stopped has left behind.
  const isDraft = (name) => name.startsWith(prefix);
  for (const name of fs.readdirSync(folder).filter(isDraft)) fs.rmSync(path.join(folder, name), { recursive: true });
  const draft = fs.mkdtempSync(path.join(folder, prefix));
  try {
    install(draft);
    fs.writeFileSync(path.join(draft, path.basename(stamp)), text);
    fs.rmSync(place, { recursive: true, force: true });
    fs.renameSync(draft, place);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
  return 'installed';
}

function npm(name, packages, check = () => undefined) {
  return fill(path.join(root, '.bench', name), packages, (draft) => {
    fs.writeFileSync(path.join(draft, 'package.json'), '{ "private": true }\n');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', ['install', '--prefix', draft, ...options, ...packages]);
    check(draft);
  });
}

function setUpOnnxRuntime() {
  return npm('onnxruntime', ONNX_RUNTIME, (draft) => {
    run(process.execPath, ['-e', `require(${JSON.stringify(path.join(draft, 'node_modules/onnxruntime-node'))})`]);
  });
}

function setUpKeras() {
  return fill(path.join(root, '.python/bench/keras'), [TENSORFLOW, ...KERAS], (draft) => {
    if (fs.existsSync(WHEEL)) {
      pip(draft, ...KERAS, ...TENSORFLOW_IMPORTS);
      fs.symlinkSync(WHEEL, path.join(draft, 'tensorflow'));
    } else {
      pip(draft, ...KERAS, TENSORFLOW);
    }
    python(KERAS_SMOKE, draft);
  });
}

function setUpTorch() {
  if (process.env.BENCH_PYTHON !== undefined) {
    python(TORCH_SMOKE, '');
    return `that of ${PYTHON}`;
  }
  return fill(path.join(root, '.python/bench/torch'), TORCH, (draft) => {
    if (isLinuxX64) pip(draft, '--no-deps', ...TORCH, ...TORCH_IMPORTS);
    else pip(draft, ...TORCH);
    python(TORCH_SMOKE, draft);
  });
}

function setUpNative() {
  run(process.execPath, [path.join(root, 'scripts/setup_native.mjs')]);
  return 'ready';
}

const PEERS = {
  native: setUpNative,
  onnxruntime: setUpOnnxRuntime,
  'jax-js': () => npm('jax-js', JAX_JS),
  litert: () => npm('litert', LITERT),
  keras: setUpKeras,
  torch: setUpTorch,
};

const names = process.argv.slice(2);
for (const name of names.length > 0 ? names : Object.keys(PEERS)) {
  try {
    if (!Object.hasOwn(PEERS, name)) throw new Error(`the peers are ${Object.keys(PEERS).join(', ')}`);
    console.log(`${name}: ${PEERS[name]()}`);
  } catch (error) {
    console.error(`Cannot set up ${name}: ${error.message.split('\n')[0]}`);
    process.exitCode = 1;
  }
}
