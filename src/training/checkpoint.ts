/**
 * Checkpoints: bytes with everything that a run needs to go on as if nothing had happened, the same in Node and in a page.
 * They are safetensors files, which Python reads too: checkpoint_layout.ts.
 */
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, rangeError } from '../errors.js';
import type { StoredTensor } from '../support/safetensors.js';
import { canonicalJson } from './canonical_json.js';
import { decodeOldCheckpoint, isOldCheckpoint } from './checkpoint_0_1.js';
import type { CheckpointHeader, TensorEntry } from './checkpoint_header.js';
import { decodeLayout, encodeLayout } from './checkpoint_layout.js';
import { architectureFingerprint, dataFingerprint } from './fingerprint.js';
import { momentNames, momentsOf, storedNames, trainedPlaces, unlikeWeight } from './trained_weights.js';
import type { Trainer, TrainingState, TrainOptions } from './trainer.js';

/** A checkpoint in memory. */
export interface Checkpoint {
  /** Where it was read from, as errors say it. */
  readonly file: string;
  /** Options of the interrupted run. */
  readonly options: TrainOptions;
  /** Where the interrupted run stood. */
  readonly state: TrainingState;
  /** Whatever the program that saved it wanted to know later, as JSON. */
  readonly notes: unknown;
  readonly header: CheckpointHeader;
  readonly weights: readonly Float32Array[];
  readonly moments: readonly Float32Array[];
}

/**
 * A run as bytes.
 *
 * @param trainer run to keep, between two steps
 * @param notes anything that JSON can hold, given back by `decodeCheckpoint`
 * @returns the bytes of a checkpoint, the same as `saveCheckpoint` writes to a file
 * @throws RangeError if a weight or a moment is not finite, so that no checkpoint replaces a good one by such weights; Error
 * in a page that came neither by https nor from localhost, where browsers compute no checksums
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
  const { weights } = trainer.model;
  const moments = await momentsOf(trainer);
  const names = storedNames(trainer);
  const tensors = await Promise.all(
    [...weights.map((weight) => weight.read()), ...moments].map((tensor, index) => store(names[index]!, tensor)),
  );
  return encodeLayout(tensors, {
    architecture: await architectureFingerprint(trainer.model),
    data: await dataFingerprint(trainer.data),
    options: trainer.options,
    state: trainer.state,
    iterations: trainer.optimizer.iterations,
    notes,
    weights: names.slice(0, weights.length),
    trained: trainedPlaces(trainer),
    moments: names.slice(weights.length, tensors.length),
  });
}

/**
 * Reads the bytes of a checkpoint.
 *
 * @param bytes what `encodeCheckpoint` gave, or the contents of a file of `saveCheckpoint`
 * @param name what an error calls them, such as the name of their file
 * @returns the checkpoint; give it to `resume`
 * @throws CorruptFileError if the bytes are of another kind, cut short or damaged
 * @example
 * ```ts
 * import { decodeCheckpoint } from 'tfjs-convolutions/training';
 *
 * const refused = await decodeCheckpoint(new Uint8Array(100), 'a.bin').catch(({ message }) => message);
 * console.log(refused.endsWith("received file = 'a.bin'")); // true
 * ```
 */
export async function decodeCheckpoint(bytes: Uint8Array, name: string): Promise<Checkpoint> {
  const read = isOldCheckpoint(bytes) ? await decodeOldCheckpoint(bytes, name) : await decodeLayout(bytes, name);
  const { options, state, notes } = read.header;
  return { file: name, options, state, notes, ...read };
}

/**
 * Puts a run where a checkpoint left off: weights, moments, number of steps, history. The run is as before if anything is
 * wrong.
 *
 * @param trainer new run with the options, the data and the architecture of the interrupted one
 * @param checkpoint what `loadCheckpoint` or `decodeCheckpoint` read
 * @throws CorruptFileError, before anything is changed, if the checkpoint is of another architecture, of other data or
 * options, or of a run that trained other weights
 */
export async function resume(trainer: Trainer, checkpoint: Checkpoint): Promise<void> {
  const { header, file } = checkpoint;
  const fail = (what: string): never => {
    throw new CorruptFileError('resume', `the checkpoint must be of the same ${what}`, file);
  };
  if (header.architecture !== (await architectureFingerprint(trainer.model))) fail('architecture');
  if (header.data !== (await dataFingerprint(trainer.data))) fail('data');
  if (canonicalJson(header.options) !== canonicalJson(trainer.options)) fail('options');
  checkProgress(trainer, header, fail);
  checkTensors(trainer, checkpoint, fail);
  const weights = toTensors(header.weights, checkpoint.weights);
  const moments = toTensors(header.moments, checkpoint.moments);
  const iterations = tf.scalar(header.iterations, 'int32');
  try {
    // The optimizer first: it is the one that may refuse, and then nothing has changed.
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
  trainer.state = structuredClone(header.state);
}

/** Fails unless the steps of the header are ones that the run can have made. */
function checkProgress(
  { options, stepsPerEpoch }: Trainer,
  { state, iterations }: CheckpointHeader,
  fail: (what: string) => never,
): void {
  const { epoch, step } = state;
  const isInside = epoch < options.epochs ? step <= stepsPerEpoch : epoch === options.epochs && step === 0;
  if (!isInside || iterations !== epoch * stepsPerEpoch + step) fail('length');
}

/** Fails unless the tensors are those of the model and of its trained weights, and finite. */
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

/** A tensor as it is stored, if its values are finite. */
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
