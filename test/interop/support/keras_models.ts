/** Whole models in Keras, on any of its backends: outputs and gradients there and here. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { modelLayers, type ModelLayer } from '../../../src/interop/model_layers.js';
import { Random } from '../../support/random.js';
import { KerasProcess, PACKAGES, unpack, type KerasArray, type PackedArray } from './keras.js';

const PYTHON = path.dirname(PACKAGES);

/** Backends of Keras, the quickest first: where the packages of each are, and how they get there. */
const BACKENDS = {
  torch: { folders: ['bench/torch', 'keras'], command: 'npm run setup -- bench torch' },
  tensorflow: { folders: ['bench/keras'], command: 'npm run setup -- bench keras' },
  numpy: { folders: ['keras'], command: 'npm run setup -- keras' },
  jax: { folders: ['keras'], command: 'npm run setup -- keras' },
} as const;

/** A backend of Keras. */
export type KerasBackend = keyof typeof BACKENDS;

export const KERAS_BACKENDS = Object.keys(BACKENDS) as KerasBackend[];

/** Reason why a backend is not available; undefined if it is. */
export function backendAbsence(backend: KerasBackend): string | undefined {
  const { folders, command } = BACKENDS[backend];
  return folders.every((folder) => fs.existsSync(path.join(PYTHON, folder))) ? undefined : `not installed: ${command}`;
}

/** Results of a model: outputs, and the gradients of Σ upstream · output. */
export interface Computed {
  readonly outputs: readonly KerasArray[];
  /** Gradients of the trainable weights, by the path of their layer; none on NumPy. */
  readonly weights?: Readonly<Record<string, readonly KerasArray[]>>;
  /** Gradients of the inputs that are not fixed. */
  readonly inputs?: readonly KerasArray[];
}

/** Answer to a request. */
export interface ModelAnswer extends Computed {
  /** True if the layers of the Python package were registered. */
  readonly own: boolean;
  /** The same with other weights, if these were saved. */
  readonly changed?: Computed;
}

/** Request for a model. */
export interface ModelRequest {
  readonly open: string;
  readonly own?: boolean;
  readonly training?: boolean;
  readonly inputs: readonly tf.Tensor[];
  /** Indices of the inputs without gradient. */
  readonly fixed: readonly number[];
  readonly upstream: readonly tf.Tensor[];
  readonly seed?: number;
  readonly save?: readonly string[];
}

/** Request for a model that Keras builds: a network of keras.applications, or a sequence of layers. */
export type MadeModel =
  | { readonly application: string; readonly arguments: object }
  | { readonly layers: readonly (readonly [name: string, args: object])[]; readonly shape: readonly number[] };

/** A Python process with Keras on one backend. */
export class KerasModels extends KerasProcess {
  constructor(backend: KerasBackend) {
    const folders = BACKENDS[backend].folders.map((folder) => path.join(PYTHON, folder));
    const packages = [...folders, path.join(PYTHON, '../python')].join(path.delimiter);
    super('keras_models.py', { KERAS_BACKEND: backend, PYTHONPATH: packages });
  }

  /** Opens a model and computes its outputs and gradients. */
  async open(request: ModelRequest): Promise<ModelAnswer> {
    const answer = await this.answer(request);
    return {
      ...unpackAll(answer),
      own: answer.own,
      ...(answer.changed !== undefined && { changed: unpackAll(answer.changed) }),
    };
  }

  /** Builds a model with random weights, saves it, and computes its outputs and gradients. */
  async create(request: Omit<ModelRequest, 'open'> & MadeModel): Promise<Computed> {
    return unpackAll((await this.answer(request)).changed!);
  }

  private async answer(request: Omit<ModelRequest, 'open'>): Promise<PackedAnswer> {
    const packed = { inputs: request.inputs.map(pack), upstream: request.upstream.map(pack) };
    const answer = (await this.request({ ...request, ...packed })) as PackedAnswer & { readonly error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}

interface PackedComputed {
  readonly outputs: readonly PackedArray[];
  readonly weights?: Readonly<Record<string, readonly PackedArray[]>>;
  readonly inputs?: readonly PackedArray[];
}

interface PackedAnswer extends PackedComputed {
  readonly own: boolean;
  readonly changed?: PackedComputed;
}

function unpackAll({ outputs, weights, inputs }: PackedComputed): Computed {
  const entries = weights && Object.entries(weights).map(([name, arrays]) => [name, arrays.map(unpack)] as const);
  return {
    outputs: outputs.map(unpack),
    ...(entries && { weights: Object.fromEntries(entries) }),
    ...(inputs && { inputs: inputs.map(unpack) }),
  };
}

function pack(tensor: tf.Tensor): object {
  const { buffer, byteOffset, byteLength } = tensor.dataSync();
  const data = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return { shape: tensor.shape, type: tensor.dtype, data };
}

/** Computes the same here. */
export function computeHere(
  model: tf.LayersModel,
  { inputs, fixed, upstream, training = false }: Pick<ModelRequest, 'inputs' | 'fixed' | 'upstream' | 'training'>,
): Computed {
  let computed: Computed | undefined;
  tf.tidy(() => {
    const given = inputs.map((each, index): tf.Tensor => (fixed.includes(index) ? each : tf.variable(each)));
    const floats = given.flatMap((each, index) => (fixed.includes(index) ? [] : [each as unknown as tf.Variable]));
    let outputs: tf.Tensor[] = [];
    const run = (): tf.Scalar => {
      outputs = [model.apply(given.length === 1 ? given[0]! : given, { training })].flat() as tf.Tensor[];
      outputs.forEach((output) => tf.keep(output));
      return tf.addN(outputs.map((output, index) => tf.sum(tf.mul(output, upstream[index]!))));
    };
    const leaves = leavesOf(modelLayers(model, { byName: true }), '', new Set(model.trainableWeights));
    const weights = leaves.flatMap(({ variables }) => variables);
    const { grads } = tf.variableGrads(run, [...weights, ...floats]);
    const gradient = (variable: tf.Variable): KerasArray => {
      const found = grads[variable.name];
      return found ? read(found) : { shape: variable.shape, data: new Float32Array(variable.size) };
    };
    computed = {
      outputs: outputs.map(read),
      weights: Object.fromEntries(leaves.map(({ path: name, variables }) => [name, variables.map(gradient)])),
      inputs: floats.map(gradient),
    };
    tf.dispose([outputs, floats]);
  });
  return computed!;
}

interface Leaf {
  readonly path: string;
  readonly variables: readonly tf.Variable[];
}

/** Layers with weights of their own, by their path. */
function leavesOf(layers: readonly ModelLayer[], prefix: string, trained: ReadonlySet<tf.LayerVariable>): Leaf[] {
  return layers.flatMap(({ name, children, weights }) => {
    if (children !== undefined) return leavesOf(children, `${prefix}${name}/`, trained);
    const trainable = weights.filter(({ variable }) => trained.has(variable)).map(({ variable }) => variable);
    const variables = trainable.map((variable) => variable.read() as unknown as tf.Variable);
    return weights.length > 0 ? [{ path: `${prefix}${name}`, variables }] : [];
  });
}

function read(tensor: tf.Tensor): KerasArray {
  return { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) };
}

/** Largest difference of outputs, and of gradients, each relative to the largest number of the same array. */
export interface Difference {
  readonly outputs: number;
  readonly gradients: number;
}

/** Compares what was computed here and there. */
export function differenceOf(here: Computed, there: Computed): Difference {
  const pairs = (ours: readonly KerasArray[], theirs: readonly KerasArray[]): (readonly [KerasArray, KerasArray])[] => {
    expect(ours.map(({ shape }) => shape)).toEqual(theirs.map(({ shape }) => shape));
    return ours.map((array, index) => [array, theirs[index]!]);
  };
  const outputs = pairs(here.outputs, there.outputs);
  const gradients = there.weights === undefined ? [] : pairs(here.inputs!, there.inputs!);
  if (there.weights !== undefined) {
    const trained = (weights: object): string[] =>
      Object.entries(weights).flatMap(([name, arrays]: [string, unknown[]]) => (arrays.length > 0 ? [name] : []));
    expect(trained(here.weights!).sort()).toEqual(trained(there.weights).sort());
    for (const name of trained(there.weights)) gradients.push(...pairs(here.weights![name]!, there.weights[name]!));
  }
  // A gradient that is zero but for rounding is compared with the others.
  const floor = 1e-3 * Math.max(0, ...gradients.map(([, { data }]) => largest(data)));
  return {
    outputs: Math.max(0, ...outputs.map(([ours, theirs]) => distance(ours, theirs, 0))),
    gradients: Math.max(0, ...gradients.map(([ours, theirs]) => distance(ours, theirs, floor))),
  };
}

function largest(data: Float32Array): number {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function distance(ours: KerasArray, theirs: KerasArray, floor: number): number {
  // A NaN must not count as a small difference.
  if (!ours.data.every(Number.isFinite)) return Infinity;
  const worst = theirs.data.reduce((most, value, index) => Math.max(most, Math.abs(ours.data[index]! - value)), 0);
  return worst === 0 ? 0 : worst / Math.max(largest(theirs.data), floor);
}

/** Random factors of outputs of the given shapes. */
export function upstreamFor(model: tf.LayersModel, inputs: readonly tf.Tensor[], seed: number): tf.Tensor[] {
  return tf.tidy(() =>
    ([model.apply(inputs.length === 1 ? inputs[0]! : [...inputs])].flat() as tf.Tensor[]).map(({ shape }, index) =>
      tf.tensor(Float32Array.from(new Random(seed + index).array(shape, -1, 1).data), shape),
    ),
  );
}
