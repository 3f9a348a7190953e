/** The contents of a `model.json`, checked before a weight is read or a layer is built. */
import type * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../errors.js';
import { canonicalJson } from './canonical_json.js';
import { checkTopology, TopologyError } from './model_topology.js';
import { sha256Hex } from './sha256.js';

export const ACTION = 'load the model';

/** Bytes of one stored value; quantized weights are stored smaller than they are used. */
const BYTES = { float32: 4, int32: 4, complex64: 8, float16: 2, uint16: 2, uint8: 1, bool: 1 } as const;

/** Levels of nesting that a file may have; the host goes down them by recursion. */
const MAX_DEPTH = 200;

/** Fields of which nothing has been checked. */
type Unchecked<T> = { readonly [Name in keyof T]?: unknown };

/** One group of weights and the files that hold it. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly tf.io.WeightsManifestEntry[];
  /** Bytes of all its files together. */
  readonly bytes: number;
}

/** A checked model.json. */
export interface ModelJson {
  readonly groups: readonly WeightGroup[];
  /** Number of values of all weights of the model. */
  readonly values: number;
  /** SHA-256 of the weights. */
  readonly weightsChecksum: string | undefined;
  /** What the host takes beside the weights. */
  readonly rest: Omit<tf.io.ModelArtifacts, 'weightSpecs' | 'weightData'>;
}

/** What is written to a model.json; readers that know no checksums ignore them. */
export interface UnsignedModelJson extends tf.io.ModelJSON {
  /** SHA-256 of the weights: a file that does not belong to this one is noticed. */
  readonly weightsChecksum: string;
}

/** The text of a model.json, with the checksum of its own contents. */
export async function writeModelJson(json: UnsignedModelJson): Promise<string> {
  return JSON.stringify({ ...json, topologyChecksum: await checksumOf(json) });
}

/**
 * Reads a model.json.
 *
 * @param text its contents
 * @param name what errors call it
 * @throws CorruptFileError if it is no complete JSON, of another kind, not as it was saved, or does not make sense
 */
export async function readModelJson(text: string, name: string): Promise<ModelJson> {
  const fail = (rule: string): never => {
    throw new CorruptFileError(ACTION, rule, name);
  };
  const json = parse(text) ?? fail('the file must be complete JSON');
  const flaw = findFlaw(json);
  if (flaw !== undefined) return fail(flaw);
  const { weightsManifest, weightsChecksum, topologyChecksum, ...rest } = json;
  if (rest['format'] === 'graph-model') {
    return fail('it must be a layers model; this is a graph model, which tf.loadGraphModel() loads');
  }
  if (!rest['modelTopology'] || !Array.isArray(weightsManifest)) {
    return fail('the file must hold a model in the layers format of TensorFlow.js');
  }
  for (const checksum of [weightsChecksum, topologyChecksum]) {
    if (checksum !== undefined && typeof checksum !== 'string') return fail('its checksums must be text');
  }
  if (
    topologyChecksum !== undefined &&
    topologyChecksum !== (await checksumOf({ weightsManifest, weightsChecksum, ...rest }))
  ) {
    return fail(
      "the file must be as it was saved (its checksum differs; one that was edited on purpose loads without 'topologyChecksum')",
    );
  }
  try {
    checkTopology(rest['modelTopology']);
    const groups = weightsManifest.map(checkGroup);
    const specs = groups.flatMap(({ weights }) => weights);
    checkNames(specs.map((spec) => spec.name));
    return {
      groups,
      values: specs.reduce((total, { shape }) => total + sizeOf(shape), 0),
      weightsChecksum: weightsChecksum as string | undefined,
      // The host reads the other fields as it finds them.
      rest: rest as unknown as ModelJson['rest'],
    };
  } catch (error) {
    if (error instanceof TopologyError) return fail(error.message);
    throw error;
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}

/** What no model.json may have: names that reach into the objects of the language, and nesting without end. */
function findFlaw(json: unknown): string | undefined {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `it must be nested at most ${MAX_DEPTH} levels deep`;
    const inner: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if (Object.hasOwn(value, '__proto__')) return "no field may be called '__proto__'";
      for (const field of Object.values(value)) inner.push(field);
    }
    level = inner;
  }
  return undefined;
}

function checkGroup(group: unknown): WeightGroup {
  const { paths, weights } = (group ?? {}) as { readonly paths?: unknown; readonly weights?: unknown };
  if (!isListOfText(paths)) {
    throw new TopologyError('weightsManifest must name the files of each group of weights');
  }
  const outside = paths.find((file) => !isInside(file));
  if (outside !== undefined) {
    throw new TopologyError(
      `files of weights must lie in the folder of the model ('${outside.slice(0, 80)}' does not)`,
    );
  }
  if (!Array.isArray(weights)) throw new TopologyError('weightsManifest must describe the weights of each group');
  const specs = weights.map(checkSpec);
  return {
    paths,
    weights: specs,
    bytes: specs.reduce((total, spec) => total + byteLength(spec), 0),
  };
}

function isListOfText(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

/** Whether a path is relative and stays below its folder, on any system; addresses of other hosts do not. */
function isInside(file: string): boolean {
  return file !== '' && !/^[/\\]|^[a-z][a-z\d+.-]*:|\\|\0/i.test(file) && !file.split('/').includes('..');
}

function checkSpec(weight: unknown): tf.io.WeightsManifestEntry {
  const { name, shape, dtype, quantization } = (weight ?? {}) as Unchecked<tf.io.WeightsManifestEntry>;
  if (typeof name !== 'string' || name === '') throw new TopologyError('every weight must have a name');
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)) {
    throw new TopologyError(`the shape of weight '${name}' must be a list of sizes`);
  }
  const scale = (quantization ?? {}) as Unchecked<NonNullable<tf.io.WeightsManifestEntry['quantization']>>;
  const stored = quantization === undefined ? dtype : scale.dtype;
  for (const kind of [dtype, stored]) {
    if (typeof kind !== 'string' || !Object.hasOwn(BYTES, kind)) {
      throw new TopologyError(`weights must be numbers of ${Object.keys(BYTES).join(', ')} ('${name}' is not)`);
    }
  }
  const isScaled = quantization !== undefined && stored !== 'float16';
  if (isScaled && !(Number.isFinite(scale.scale) && Number.isFinite(scale.min))) {
    throw new TopologyError(`quantized weights must have a scale and a minimum ('${name}' has not)`);
  }
  return weight as tf.io.WeightsManifestEntry;
}

function checkNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new TopologyError(`no two weights may have the same name ('${name}')`);
    seen.add(name);
  }
}

function byteLength({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return sizeOf(shape) * BYTES[(quantization?.dtype ?? dtype) as keyof typeof BYTES];
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Of all contents but the checksum itself, in any order of fields. */
async function checksumOf(json: object): Promise<string> {
  // First as a reader of the text sees it: without fields that JSON leaves out.
  const plain: unknown = JSON.parse(JSON.stringify(json));
  return `sha256-${await sha256Hex(new TextEncoder().encode(canonicalJson(plain)))}`;
}
