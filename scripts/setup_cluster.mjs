#!/usr/bin/env node
// Fetches PyTorch and Keras for the tests of training on many processes, into .python/cluster (some 1.3 GB) and nowhere else:
// without JAX, which Keras would import in each of them. Python 3.11 or newer with pip and, on Linux, a C compiler are needed.
//
// PyPI has PyTorch for Linux on x86-64 with CUDA alone. Its libraries (3 GB) must be there for the loader, and on CPUs none of their
// functions is called but those that count devices: here a library takes their place whose functions all answer "no device".
//
//   npm run setup -- cluster
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fetchPackages } from './python_packages.mjs';

const LIBRARIES = ['c10_cuda', 'torch_cpu', 'torch_cuda', 'torch_nvshmem', 'torch_python', 'torch_global_deps'];
/** Names of CUDA's libraries, and of their functions. */
const OF_CUDA = /^lib(cu|nccl|nvrtc|nvshmem)/;
const CUDA_FUNCTION = /^(__)?(cu|nccl|nvrtc|nvshmem)/;
/** Functions that return text. */
const TEXTS = ['cudaGetErrorName', 'cudaGetErrorString'];
const NO_DEVICE = 100;

function lines(program, ...args) {
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28 }).split('\n');
}

function standInForCuda(packages) {
  const folder = path.join(packages, 'torch/lib');
  if (!fs.existsSync(path.join(folder, 'libtorch_cuda.so'))) return;
  const libraries = LIBRARIES.map((name) => path.join(folder, `lib${name}.so`));
  const needed = libraries.flatMap((file) =>
    lines('readelf', '-d', file).map((line) => /NEEDED.*\[(.*)\]/.exec(line)?.[1]),
  );
  const functions = libraries
    .flatMap((file) => lines('nm', '-D', '--undefined-only', file).map((line) => line.trim().split(' ').at(-1)))
    .filter((name) => CUDA_FUNCTION.test(name));
  const place = path.join(folder, 'libcuda_stand_in');
  fs.writeFileSync(`${place}.s`, assembly([...new Set(functions.map((name) => name.split('@')[0]))]));
  fs.writeFileSync(`${place}.map`, versions([...new Set(functions)]));
  const library = `${place}.so`;
  execFileSync('cc', ['-shared', '-nostdlib', `-Wl,--version-script=${place}.map`, '-o', library, `${place}.s`]);
  for (const name of new Set(needed.filter((each) => each !== undefined && OF_CUDA.test(each)))) {
    fs.symlinkSync(path.basename(library), path.join(folder, name));
  }
}

function assembly(names) {
  const labels = (of) => of.map((name) => `.globl ${name}\n.type ${name}, @function\n${name}:`).join('\n');
  return `.text
${labels(names.filter((name) => !TEXTS.includes(name)))}
movl $${NO_DEVICE}, %eax
ret
${labels(TEXTS)}
leaq text(%rip), %rax
ret
.section .rodata
text: .string "CUDA is not installed"
.section .note.GNU-stack, "", @progbits
`;
}

/** Symbols by version, as a linker script. */
function versions(functions) {
  const byVersion = new Map();
  for (const [name, version] of functions.map((each) => each.split('@')).filter((parts) => parts.length > 1)) {
    byVersion.set(version, [...(byVersion.get(version) ?? []), name]);
  }
  return [...byVersion].map(([version, names]) => `${version} { global: ${names.join('; ')}; };\n`).join('');
}

fetchPackages({
  name: 'cluster',
  title: 'PyTorch',
  packages: [
    ...['torch==2.15.0', 'torchvision==0.29.2', 'numpy==2.4.6', 'pillow==13.0.0', 'filelock==4.3.1'],
    ...['fsspec==2026.9.0', 'jinja2==3.1.6', 'MarkupSafe==3.0.4', 'mpmath==1.3.0', 'networkx==3.6.1'],
    ...['sympy==1.14.0', 'typing_extensions==4.16.0', 'keras==3.15.0', 'h5py==3.16.0', 'absl-py==2.5.1'],
    ...['rich==15.0.0', 'namex==0.1.0', 'optree==0.20.0', 'ml_dtypes==0.6.0', 'packaging==26.4'],
    ...['markdown-it-py==4.3.0', 'mdurl==0.1.2', 'pygments==2.21.0'],
  ],
  isAlone: true,
  prepare: standInForCuda,
  smoke: 'import keras, torch, torchvision; torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)',
  env: (folder) => ({ KERAS_BACKEND: 'torch', KERAS_HOME: folder }),
});
