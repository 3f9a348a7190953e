/** Columns of the table of docs/onnx.md that Python computes: Keras on its backends, and torchvision. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import * as conv from '../src/index.js';
import { saveKeras, saveSafetensors } from '../src/interop/index.js';
import type { NetworkCase } from '../test/interop/support/onnx_networks.js';
import {
  differenceOf,
  inputsOf,
  randomizeWeights,
  runModel,
  type NamedArray,
} from '../test/interop/support/onnx_runtimes.js';

const PYTHON = path.resolve(__dirname, '../.python');

/** What computes: its title, the backend of Keras, its packages, and the command that installs them. */
const PROGRAMS = [
  { title: 'Keras, PyTorch', backend: 'torch', folders: ['cluster'], setup: 'cluster' },
  { title: 'Keras, TensorFlow', backend: 'tensorflow', folders: ['bench/keras'], setup: 'bench keras' },
  { title: 'Keras, JAX', backend: 'jax', folders: ['keras'], setup: 'keras' },
] as const;
/** torchvision, and the reader of its files. */
const TORCHVISION = { title: 'torchvision', backend: 'torch', folders: ['cluster', 'keras'], setup: 'cluster keras' };

export const PYTHON_TITLES: readonly string[] = [...PROGRAMS, TORCHVISION].map(({ title }) => title);

const ANY = { classes: 5, inputShape: [null, null, 3], classifierActivation: 'linear' as const };
const PADDED = { ...ANY, variant: 'torchvision' as const };

/** The networks that torchvision has: its name and arguments, and the same network here. */
const OF_TORCHVISION: Readonly<Record<string, readonly [name: string, args: object, build: () => tf.LayersModel]>> = {
  mobileNetV2: ['mobilenet_v2', { width_mult: 0.35 }, () => conv.mobileNetV2({ ...PADDED, alpha: 0.35 })],
  mobileNetV3Small: ['mobilenet_v3_small', {}, () => conv.mobileNetV3Small(PADDED)],
  mobileNetV3Large: ['mobilenet_v3_large', {}, () => conv.mobileNetV3Large(PADDED)],
  squeezeNet: ['squeezenet1_1', {}, () => conv.squeezeNet({ ...ANY, version: '1.1' })],
  shuffleNetV2: ['shufflenet_v2_x0_5', {}, () => conv.shuffleNetV2({ ...PADDED, alpha: 0.5 })],
  resNeXt50: ['resnext50_32x4d', {}, () => conv.resNeXt50(ANY)],
  deepLabV3: ['segmentation.deeplabv3_mobilenet_v3_large', { weights_backbone: null }, () => conv.deepLabV3(ANY)],
};

/** One run of a network: its file for Python, inputs, and the outputs of TensorFlow.js. */
interface Job {
  readonly network: string;
  readonly entry: object;
  readonly outputs: readonly NamedArray[];
}

/** Worst differences of networks, by name and title; networks that a program does not have are missing. */
export async function pythonColumns(networks: readonly NetworkCase[]): Promise<Map<string, Map<string, number>>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tfjs-convolutions-'));
  try {
    const [keras, torchvision]: [Job[], Job[]] = [[], []];
    for (const each of networks) {
      keras.push(await kerasJob(each, folder));
      torchvision.push(...(await torchvisionJobs(each, folder)));
    }
    const columns = PROGRAMS.map((program) => [program.title, compute(program, keras, folder)] as const);
    return new Map([...columns, [TORCHVISION.title, compute(TORCHVISION, torchvision, folder)]]);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Saves a network for the first of its sizes: deformable layers of Keras must know it. */
async function kerasJob({ name, build, runs: [shapes], given }: NetworkCase, folder: string): Promise<Job> {
  const [, height, width] = shapes![0]!;
  const model = build([height!, width!]);
  randomizeWeights(model);
  const inputs = inputsOf(model, shapes!, 0, given?.(shapes!));
  const file = `${fs.readdirSync(folder).length}.keras`;
  await saveKeras(model, path.join(folder, file));
  const job = { network: name, entry: { file, inputs: inputs.map(pack) }, outputs: runModel(model, inputs) };
  model.dispose();
  return job;
}

async function torchvisionJobs({ name, runs }: NetworkCase, folder: string): Promise<Job[]> {
  const found = OF_TORCHVISION[name];
  if (found === undefined) return [];
  const [torchvision, args, build] = found;
  const model = build();
  randomizeWeights(model);
  const file = `${fs.readdirSync(folder).length}.safetensors`;
  await saveSafetensors(model, path.join(folder, file), { names: 'torchvision' });
  const jobs = runs.map((shapes, run): Job => {
    const inputs = inputsOf(model, shapes, run);
    const entry = { torchvision, arguments: { ...args, num_classes: ANY.classes }, file, inputs: inputs.map(pack) };
    return { network: name, entry, outputs: runModel(model, inputs) };
  });
  model.dispose();
  return jobs;
}

/** Runs the jobs in one Python process; returns the worst difference of each network. */
function compute(
  { title, backend, folders, setup }: (typeof PROGRAMS)[number] | typeof TORCHVISION,
  jobs: readonly Job[],
  folder: string,
): Map<string, number> {
  const packages = folders.map((name) => path.join(PYTHON, name));
  if (!packages.every((each) => fs.existsSync(each))) {
    throw new Error(`Cannot write the table: ${title} must be installed (npm run setup -- ${setup})`);
  }
  fs.writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(jobs.map(({ entry }) => entry)));
  const env = {
    ...process.env,
    KERAS_BACKEND: backend,
    KERAS_HOME: path.join(packages.at(-1)!, 'home'),
    PYTHONPATH: [...packages, path.join(PYTHON, '../python')].join(path.delimiter),
    PYTHONNOUSERSITE: '1',
  };
  const script = path.join(__dirname, 'network_outputs.py');
  const text = execFileSync('python3', [script, folder], { env, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: 'pipe' });
  const results = JSON.parse(text) as { readonly shape: number[]; readonly data: string }[][];
  const worst = new Map<string, number>();
  for (const [index, { network, outputs }] of jobs.entries()) {
    const difference = differenceOfOutputs(results[index]!, outputs);
    worst.set(network, Math.max(worst.get(network) ?? 0, difference));
  }
  return worst;
}

function differenceOfOutputs(
  got: readonly { readonly shape: readonly number[]; readonly data: string }[],
  want: readonly NamedArray[],
): number {
  const shapesOf = (arrays: readonly { readonly shape: readonly number[] }[]) =>
    JSON.stringify(arrays.map((a) => a.shape));
  if (shapesOf(got) !== shapesOf(want)) throw new Error(`got ${shapesOf(got)} instead of ${shapesOf(want)}`);
  return Math.max(
    ...want.map(({ values }, index) => {
      const bytes = new Uint8Array(Buffer.from(got[index]!.data, 'base64'));
      return differenceOf(new Float32Array(bytes.buffer), values);
    }),
  );
}

function pack({ dtype, shape, values }: NamedArray): object {
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
  return { shape, type: dtype, data };
}
