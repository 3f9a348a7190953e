/**
 * Checkpoints: bytes with everything that a run needs to continue as if it had never stopped, the same in Node and browsers.
 * They are safetensors files, which Python can read too: see checkpoint_layout.ts.
 */
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, rangeError, typeError, type Action } from '../errors.js';
import type { StoredTensor } from '../support/safetensors.js';
import { canonicalJson } from './canonical_json.js';
import { decodeOldCheckpoint, isOldCheckpoint } from './checkpoint_0_1.js';
import type { CheckpointHeader, TensorEntry } from './checkpoint_header.js';
import { decodeLayout, encodeLayout } from './checkpoint_layout.js';
import { architectureFingerprint, dataFingerprint } from './fingerprint.js';
import { seededLayers } from './seeded_layers.js';
import { momentNames, momentsOf, storedNames, trainedIndices, unlikeWeight } from './trained_weights.js';
import { describeParts, PARTS } from './training_parts.js';
import type { Trainer, TrainingState, TrainOptions } from './trainer.js';
import { checkFields } from '../support/check_fields.js';

/** A checkpoint in memory. */
export interface Checkpoint {
  /** Name of its file, for errors. */
  readonly file: string;
  /** Options of the interrupted run. */
  readonly options: TrainOptions;
  /** State of the interrupted run. */
  readonly state: TrainingState;
  /** Notes of the program that saved it, as JSON. */
  readonly notes: unknown;
  readonly header: CheckpointHeader;
  readonly weights: readonly Float32Array[];
  readonly moments: readonly Float32Array[];
}

/**
 * Encodes a run as bytes.
 *
 * @param trainer run to save, between two steps
 * @param notes any value that JSON can represent, returned by `decodeCheckpoint`
 * @returns the bytes of a checkpoint, the same as `saveCheckpoint` writes to a file
 * @throws RangeError if a weight or a moment is not finite, so that such weights never replace a good checkpoint; Error
 * in a page that was not loaded over https or from localhost, where browsers compute no checksums
 * @example
 * ```ts
 * import { decodeCheckpoint, encodeCheckpoint, loadMnist, resume, takeFirst, Trainer } from 'tfjs-convolutions/training';
 *
 * const build = () => conv.mobileNetV1({ alpha: 0.125, inputShape: [28, 28, 1], classes: 10, downsampling: 2 });
 * const { name, train, test } = await loadMnist();
 * const data = { name, train: takeFirst(train, 64), test: takeFirst(test, 32) };
 * const options = { epochs: 2, batchSize: 32, learningRate: 0.01, seed: 1, augmentation: false };
 *
 * const stop = new AbortController();
 * const interrupted = new Trainer(build(), data, options);
 * await interrupted.run({ signal: stop.signal, onStep: () => stop.abort() });
 * const bytes = await encodeCheckpoint(interrupted, { why: 'a pause' });
 *
 * const checkpoint = await decodeCheckpoint(bytes, 'my checkpoint');
 * console.log(checkpoint.state.step, checkpoint.notes); // 1 {why: 'a pause'}
 * const trainer = new Trainer(build(), data, checkpoint.options);
 * await resume(trainer, checkpoint);
 * await trainer.run();
 * ```
 */
export async function encodeCheckpoint(trainer: Trainer, notes: unknown = null): Promise<Uint8Array> {
  checkTrainer('save the checkpoint', trainer);
  const { weights } = trainer.model;
  const moments = await momentsOf(trainer);
  const names = storedNames(trainer);
  const masks = seededLayers(trainer.model).map(({ drawn }) => drawn);
  const parts = describeParts(trainer.options, trainer.optimizer);
  const tensors = await Promise.all(
    [...weights.map((weight) => weight.read()), ...moments].map((tensor, index) => store(names[index]!, tensor)),
  );
  return encodeLayout(tensors, {
    architecture: await architectureFingerprint(trainer.model),
    data: await dataFingerprint(trainer.data),
    options: resultOptions(trainer.options),
    state: trainer.state,
    iterations: trainer.optimizer.iterations,
    notes,
    ...(parts && { parts }),
    weights: names.slice(0, weights.length),
    trained: trainedIndices(trainer),
    ...(masks.length > 0 && { masks }),
    moments: names.slice(weights.length, tensors.length),
  });
}

/**
 * Reads the bytes of a checkpoint.
 *
 * @param bytes result of `encodeCheckpoint`, or contents of a file written by `saveCheckpoint`
 * @param name name to use in errors, such as that of the file
 * @returns the checkpoint, to be passed to `resume`
 * @throws CorruptFileError if the bytes are truncated, corrupt or not a checkpoint
 * @example
 * ```ts
 * import { decodeCheckpoint } from 'tfjs-convolutions/training';
 *
 * const refused = await decodeCheckpoint(new Uint8Array(100), 'a.bin').catch(({ message }) => message);
 * console.log(refused.endsWith("received file = 'a.bin'")); // true
 * ```
 */
export async function decodeCheckpoint(bytes: Uint8Array, name: string): Promise<Checkpoint> {
  if (!(bytes instanceof Uint8Array)) {
    throw typeError('read the checkpoint', 'bytes must be a Uint8Array', 'bytes', bytes);
  }
  const read = isOldCheckpoint(bytes) ? await decodeOldCheckpoint(bytes, name) : await decodeLayout(bytes, name);
  const { options, state, notes } = read.header;
  return { file: name, options, state, notes, ...read };
}

/**
 * Restores a run from a checkpoint: weights, moments, number of steps, history. If anything is wrong, the run is left
 * unchanged.
 *
 * @param trainer new run with the same options, parts, data and architecture as the interrupted one
 * @param checkpoint result of `loadCheckpoint` or `decodeCheckpoint`
 * @throws CorruptFileError, before anything is changed, if the checkpoint has another architecture, other data or other
 * options, or belongs to a run that trained other weights
 */
export async function resume(trainer: Trainer, checkpoint: Checkpoint): Promise<void> {
  checkTrainer('resume', trainer);
  const kind = 'a result of loadCheckpoint() or decodeCheckpoint()';
  checkFields('resume', 'checkpoint', checkpoint, kind, ['header', 'file']);
  const { header, file } = checkpoint;
  const fail = (what: string): never => {
    throw new CorruptFileError('resume', `the checkpoint must be of the same ${what}`, file);
  };
  if (header.architecture !== (await architectureFingerprint(trainer.model))) fail('architecture');
  if (header.data !== (await dataFingerprint(trainer.data))) fail('data');
  if (canonicalJson(header.options) !== canonicalJson(resultOptions(trainer.options))) fail('options');
  if (canonicalJson(header.parts ?? {}) !== canonicalJson(describeParts(trainer.options, trainer.optimizer) ?? {})) {
    fail('optimizer, schedule, loss and metrics');
  }
  checkProgress(trainer, header, fail);
  checkTensors(trainer, checkpoint, fail);
  const seeded = seededLayers(trainer.model);
  const { masks = [] } = header;
  if (masks.length !== seeded.length) fail('architecture');
  const weights = toTensors(header.weights, checkpoint.weights);
  const moments = toTensors(header.moments, checkpoint.moments);
  const iterations = tf.scalar(header.iterations, 'int32');
  try {
    // The optimizer goes first, since only it can throw, and then nothing has changed yet.
    await trainer.optimizer.setWeights([
      { name: 'iter', tensor: iterations },
      ...momentNames(trainer)
        .slice(0, moments.length)
        .map((name, index) => ({ name, tensor: moments[index]! })),
    ]);
    trainer.model.setWeights(weights);
  } finally {
    tf.dispose([weights, moments, iterations]);
  }
  seeded.forEach((layer, index) => (layer.drawn = masks[index]!));
  trainer.state = structuredClone(header.state);
}

/** The options on which the result of a run depends, apart from its parts. */
function resultOptions(options: TrainOptions): TrainOptions {
  const left = new Set(['memory', ...Object.keys(PARTS)]);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !left.has(name))) as unknown as TrainOptions;
}

/** Fails unless the run can have reached the progress stated in the header. */
function checkProgress(
  { options, stepsPerEpoch }: Trainer,
  { state, iterations }: CheckpointHeader,
  fail: (what: string) => never,
): void {
  const { epoch, step } = state;
  const isInside = epoch < options.epochs ? step <= stepsPerEpoch : epoch === options.epochs && step === 0;
  if (!isInside || iterations !== epoch * stepsPerEpoch + step) fail('length');
}

/** Fails unless the tensors match the model and its trained weights, and are finite. */
function checkTensors(trainer: Trainer, { header, weights, moments }: Checkpoint, fail: (what: string) => never): void {
  const unlike = unlikeWeight(trainer, header);
  if (unlike !== undefined) fail(`trained weights ('${unlike}' differs)`);
  const shapes = (entries: readonly { readonly shape: tf.Shape | readonly number[] }[]): string =>
    JSON.stringify(entries.map(({ shape }) => shape));
  if (shapes(header.weights) !== shapes(trainer.model.weights)) fail('architecture');
  const entries = [...header.weights, ...header.moments];
  const broken = [...weights, ...moments].findIndex((values) => !values.every(Number.isFinite));
  if (broken >= 0) fail(`architecture, with finite weights ('${entries[broken]!.name}' is not)`);
}

/** Prepares a tensor for storage; throws if it is not finite. */
async function store(name: string, tensor: tf.Tensor): Promise<StoredTensor> {
  if (tensor.dtype !== 'float32') {
    throw rangeError('make a checkpoint', 'weights and moments must be float32', name, tensor.dtype);
  }
  const values = await tensor.data<'float32'>();
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw rangeError('make a checkpoint', 'weights and moments must be finite', name, wrong);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, dtype: 'F32', shape: tensor.shape, bytes };
}

function toTensors(entries: readonly TensorEntry[], values: readonly Float32Array[]): tf.Tensor[] {
  return entries.map(({ shape }, index) => tf.tensor(values[index]!, [...shape]));
}

function checkTrainer(action: Action, trainer: Trainer): void {
  checkFields(action, 'trainer', trainer, 'a Trainer', ['model', 'data', 'optimizer', 'state']);
}
