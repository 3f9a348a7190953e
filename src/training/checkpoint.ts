/**
 * Checkpoints: one file with everything that a run needs to go on as if nothing had happened.
 *
 * Layout (little-endian): 8 bytes 'TFJSCONV', u32 format version, u32 length of the header, the header as JSON, padding
 * to a multiple of 4, the tensors as float32 in the header's order, 32 bytes SHA-256 of all that precedes.
 */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../errors.js';
import { writeFileAtomic } from './atomic_file.js';
import { architectureFingerprint, dataFingerprint } from './fingerprint.js';
import type { Trainer, TrainingState, TrainOptions } from './trainer.js';

const MAGIC = 'TFJSCONV';
const VERSION = 1;
const PREFIX_BYTES = 16;
const CHECKSUM_BYTES = 32;
const ACTION = 'read the checkpoint';

interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What stands in a checkpoint before the tensors. */
interface Header {
  readonly architecture: string;
  readonly data: string;
  readonly options: TrainOptions;
  readonly state: TrainingState;
  readonly iterations: number;
  readonly notes: unknown;
  readonly weights: readonly TensorEntry[];
  readonly moments: readonly TensorEntry[];
}

/** A checkpoint in memory. */
export interface Checkpoint {
  /** Where it was read from. */
  readonly file: string;
  /** Options of the interrupted run. */
  readonly options: TrainOptions;
  /** Where the interrupted run stood. */
  readonly state: TrainingState;
  /** Whatever the program that saved it wanted to know later, as JSON. */
  readonly notes: unknown;
  readonly header: Header;
  readonly weights: readonly Float32Array[];
  readonly moments: readonly Float32Array[];
}

/**
 * Saves a run. The file is written under another name and renamed, so that a process killed at any moment leaves the
 * last complete checkpoint.
 *
 * @param file path of the checkpoint
 * @param trainer run to save, between two steps
 * @param notes anything that JSON can hold, given back by `loadCheckpoint`
 */
export async function saveCheckpoint(file: string, trainer: Trainer, notes: unknown = null): Promise<void> {
  const weights = trainer.model.weights.map((weight) => ({ name: weight.originalName, tensor: weight.read() }));
  const [iterations, ...moments] = await trainer.optimizer.getWeights();
  iterations!.tensor.dispose();
  const header: Header = {
    architecture: architectureFingerprint(trainer.model),
    data: dataFingerprint(trainer.data),
    options: trainer.options,
    state: trainer.state,
    iterations: trainer.optimizer.iterations,
    notes,
    weights: weights.map(describe),
    moments: moments.map(describe),
  };
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(VERSION, 8);
  prefix.writeUInt32LE(json.length, 12);
  const parts: Uint8Array[] = [prefix, json, Buffer.alloc(padding(json.length))];
  for (const { tensor } of [...weights, ...moments]) {
    const values = await tensor.data();
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  await writeFileAtomic(file, [...parts, hash.digest()]);
}

/**
 * Reads a checkpoint.
 *
 * @param file path of the checkpoint
 * @returns the checkpoint; give it to `resume`
 * @throws CorruptFileError if the file is of another kind, cut short or damaged
 */
export async function loadCheckpoint(file: string): Promise<Checkpoint> {
  const bytes = await fs.readFile(file);
  const fail = (rule: string): never => {
    throw new CorruptFileError(ACTION, rule, file);
  };
  if (bytes.length < PREFIX_BYTES + CHECKSUM_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    return fail('the file must be a checkpoint of this package');
  }
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) return fail(`the format version must be ${VERSION} and is ${version}`);
  const body = bytes.subarray(0, bytes.length - CHECKSUM_BYTES);
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(body.length))) {
    return fail('the file must be complete and undamaged (its checksum does not match)');
  }
  const jsonLength = bytes.readUInt32LE(12);
  const header = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, PREFIX_BYTES + jsonLength)) as Header;
  let offset = PREFIX_BYTES + jsonLength + padding(jsonLength);
  const take = ({ shape }: TensorEntry): Float32Array => {
    const values = new Float32Array(tf.util.sizeFromShape([...shape]));
    new Uint8Array(values.buffer).set(bytes.subarray(offset, offset + values.byteLength));
    offset += values.byteLength;
    return values;
  };
  const weights = header.weights.map(take);
  const moments = header.moments.map(take);
  return { file, options: header.options, state: header.state, notes: header.notes, header, weights, moments };
}

/**
 * Puts a run where a checkpoint left off: weights, moments, number of steps, history.
 *
 * @param trainer new run with the options, the data and the architecture of the interrupted one
 * @param checkpoint what `loadCheckpoint` read
 * @throws CorruptFileError if the checkpoint is of another architecture, of other data or of other options
 */
export async function resume(trainer: Trainer, checkpoint: Checkpoint): Promise<void> {
  const { header, file } = checkpoint;
  const fail = (what: string): never => {
    throw new CorruptFileError('resume', `the checkpoint must be of the same ${what}`, file);
  };
  if (header.architecture !== architectureFingerprint(trainer.model)) fail('architecture');
  if (header.data !== dataFingerprint(trainer.data)) fail('data');
  if (!isDeepStrictEqual(header.options, { ...trainer.options })) fail('options');
  const weights = toTensors(header.weights, checkpoint.weights);
  const moments = toTensors(header.moments, checkpoint.moments);
  const iterations = tf.scalar(header.iterations, 'int32');
  trainer.model.setWeights(weights);
  await trainer.optimizer.setWeights([
    { name: 'iter', tensor: iterations },
    ...moments.map((tensor, index) => ({ name: header.moments[index]!.name, tensor })),
  ]);
  tf.dispose([weights, moments, iterations]);
  trainer.state = structuredClone(header.state);
}

function describe({ name, tensor }: { name: string; tensor: tf.Tensor }): TensorEntry {
  return { name, shape: tensor.shape };
}

function toTensors(entries: readonly TensorEntry[], values: readonly Float32Array[]): tf.Tensor[] {
  return entries.map(({ shape }, index) => tf.tensor(values[index]!, [...shape]));
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
