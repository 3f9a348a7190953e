/** Reads and writes `model.json`, whose contents are checked before any weight is read or any layer is built. */
import type * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../errors.js';
import { sizeOf } from '../kernel/sizes.js';
import { canonicalJson } from './canonical_json.js';
import { checkTopology, TopologyError } from './model_topology.js';
import { sha256Hex } from './sha256.js';

export const ACTION = 'load the model';

/** Bytes of one stored value; quantized weights are stored in a smaller type. */
const BYTES = { float32: 4, int32: 4, complex64: 8, float16: 2, uint16: 2, uint8: 1, bool: 1 } as const;

/** Most levels of nesting in a file; the host descends into them by recursion. */
const MAX_DEPTH = 200;

/** Fields whose types have not been checked yet. */
type Unchecked<T> = { readonly [Name in keyof T]?: unknown };

/** One group of weights and the files it is stored in. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly tf.io.WeightsManifestEntry[];
  /** Total bytes of its files. */
  readonly bytes: number;
}

/** Checked contents of a model.json. */
export interface ModelJson {
  readonly groups: readonly WeightGroup[];
  /** Total number of values in the weights of the model. */
  readonly values: number;
  /** SHA-256 of the weights. */
  readonly weightsChecksum: string | undefined;
  /** Everything else that the host takes. */
  readonly rest: Omit<tf.io.ModelArtifacts, 'weightSpecs' | 'weightData'>;
}

/** Contents to write to a model.json. Readers that do not know the checksums ignore them. */
export interface UnsignedModelJson extends tf.io.ModelJSON {
  /** SHA-256 of the weights, to detect a weights file that belongs to another model. */
  readonly weightsChecksum: string;
}

/** Serializes a model.json with a checksum of its own contents. */
export async function writeModelJson(json: UnsignedModelJson): Promise<string> {
  return JSON.stringify({ ...json, topologyChecksum: await checksumOf(json) });
}

/**
 * Reads a model.json.
 *
 * @param text contents of the file
 * @param name name of the file in errors
 * @throws CorruptFileError if it is truncated, not a layers model, modified since it was saved, or inconsistent
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
    return fail('the file must contain a model in the layers format of TensorFlow.js');
  }
  for (const checksum of [weightsChecksum, topologyChecksum]) {
    if (checksum !== undefined && typeof checksum !== 'string') return fail('its checksums must be strings');
  }
  if (
    topologyChecksum !== undefined &&
    topologyChecksum !== (await checksumOf({ weightsManifest, weightsChecksum, ...rest }))
  ) {
    return fail(
      "the file must be unchanged since it was saved (its checksum differs; to load a file edited on purpose, remove its 'topologyChecksum')",
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
      // The host checks the other fields itself.
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

/** Finds what no model.json may contain: `__proto__`, which would change the prototype of objects, and deep nesting. */
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
    throw new TopologyError(`weight files must be in the folder of the model ('${outside.slice(0, 80)}' is not)`);
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

/** Tests for a relative path that stays inside its folder on every system; URLs do not. */
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
      throw new TopologyError(
        `the type of weights must be one of ${Object.keys(BYTES).join(', ')} (that of '${name}' is not)`,
      );
    }
  }
  const isScaled = quantization !== undefined && stored !== 'float16';
  if (isScaled && !(Number.isFinite(scale.scale) && Number.isFinite(scale.min))) {
    throw new TopologyError(`quantized weights must have a scale and a minimum ('${name}' does not)`);
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

/** Checksum of the contents except the checksum itself, independent of the order of fields. */
async function checksumOf(json: object): Promise<string> {
  // A round trip through JSON drops the undefined fields, which a reader of the text never sees.
  const plain: unknown = JSON.parse(JSON.stringify(json));
  return `sha256-${await sha256Hex(new TextEncoder().encode(canonicalJson(plain)))}`;
}
