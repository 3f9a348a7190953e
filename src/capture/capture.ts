/**
 * Records the kernels that a function of tensors runs, and replays them: what layers, tape and scopes do between the kernels
 * is the same in every call, and is left out.
 */
import * as tf from '@tensorflow/tfjs';
import { typeError } from '../errors.js';
import { difference } from './compare.js';
import { prepare, type Prepared } from './prepare.js';
import { isRecording, record } from './recorder.js';
import type { Recording } from './recording.js';
import { isTensor } from '../support/tensor_tree.js';

/** Argument of a captured function: a tensor, or lists and objects of them. */
export type CaptureArgument = tf.TensorContainer;

/** A function that is recorded once for each signature and then replayed. */
export interface Captured<Args extends CaptureArgument[], Result> {
  (...args: Args): Result;
  /** Frees what the replays keep; later calls throw. */
  readonly dispose: () => void;
  /** Describes what has been recorded so far. */
  readonly report: () => CaptureReport;
}

/** State of a captured function. */
export interface CaptureReport {
  readonly signatures: readonly SignatureReport[];
}

/** State of a captured function for arguments of one signature. */
export interface SignatureReport {
  /** Backend, and shape and dtype of each tensor: `wasm: float32[32,28,28,1], int32[32]`. */
  readonly signature: string;
  /** `'recording'` until two calls in a row did the same, `'ordinary'` if it cannot be captured. */
  readonly state: 'recording' | 'replayed' | 'ordinary';
  /** Number of kernels that a replay runs. */
  readonly kernels: number;
  /** Number of kernels that a replay leaves out: copies, constants, and results that nothing reads. */
  readonly dropped: number;
  /** Number of replays so far. */
  readonly replays: number;
  /** Why it runs the ordinary way, or is replayed kernel by kernel where the device could repeat its calls. */
  readonly reason?: string;
}

/** Most recordings until two calls in a row must have done the same; optimizers create their state in the first one. */
const MOST_RECORDINGS = 4;

/** Most signatures to keep; the one that has not been called for the longest time is forgotten. */
const MOST_SIGNATURES = 8;

/** A replay is compared with an ordinary call after this many calls, and after 16 times as many again and again. */
const FIRST_AUDIT = 16;
const AUDIT_FACTOR = 16;
const LONGEST_AUDIT = 4096;

const ACTION = 'run a captured function';

interface Entry {
  readonly signature: string;
  recordings: number;
  recording: Recording | undefined;
  /** Ids of the arguments of the last recording. */
  recorded: readonly number[];
  /** Ids of arguments that all recordings had in common, by index: the function may know such a tensor from elsewhere. */
  common: ReadonlyMap<number, number>;
  prepared: Prepared | undefined;
  reason: string | undefined;
  replays: number;
  nextAudit: number;
}

/**
 * Captures a synchronous function of tensors, such as a training step: the first calls for a signature (shapes, dtypes,
 * backend) run as usual and are recorded, later ones replay the kernels with the same results.
 *
 * Variables that the function reads are read anew, those that it assigns are assigned. Numbers that JavaScript computes are
 * fixed by the recording, so pass what changes as a tensor; optimizers' learning rates are recognised. If two calls in a row
 * do not run the same kernels, or the function reads values back, it runs as usual from then on, and a warning says why.
 *
 * @param f function of tensors, or of lists and objects of them, that returns such
 * @returns the captured function; its results belong to the caller, as those of `f`
 * @throws TypeError if `f` is not a function or returns a promise, or an argument is not a tensor
 * @example
 * ```ts
 * const kernel = tf.variable(tf.ones([3, 3, 1, 4]));
 * const optimizer = tf.train.sgd(0.1);
 * const step = conv.capture((x: tf.Tensor4D) =>
 *   optimizer.minimize(() => conv.conv2d(x, kernel as tf.Tensor4D).square().mean() as tf.Scalar, true),
 * );
 * for (let i = 0; i < 4; i++) console.log(step(tf.ones([1, 8, 8, 1])).dataSync()[0]);
 * console.log(step.report().signatures[0].state); // replayed
 * step.dispose();
 * ```
 */
export function capture<Args extends CaptureArgument[], Result>(f: (...args: Args) => Result): Captured<Args, Result> {
  if (typeof (f as unknown) !== 'function') throw typeError('capture', 'f must be a function', 'f', f);
  const captures = new Captures(f as (...args: unknown[]) => unknown);
  return Object.assign((...args: Args) => captures.call(args) as Result, {
    dispose: () => {
      captures.dispose();
    },
    report: () => captures.report(),
  });
}

class Captures {
  private readonly entries = new Map<string, Entry>();
  private isDisposed = false;

  constructor(private readonly f: (...args: unknown[]) => unknown) {}

  call(args: readonly unknown[]): unknown {
    if (this.isDisposed) throw new Error(`Cannot ${ACTION}: it has been disposed`);
    const tensors = args.flatMap((argument, index) => tensorsOf(argument, index));
    const ordinary = (): unknown => this.f(...args);
    if (isRecording() || isTapeOn() || tensors.some(({ isDisposed }) => isDisposed)) return ordinary();
    const entry = this.entryOf(signatureOf(args, tensors));
    if (entry.reason !== undefined) return ordinary();
    const { prepared } = entry;
    if (prepared && !(prepared.guards.hold() && hasCommon(entry, tensors))) this.reset(entry);
    if (hasAssigned(entry, tensors)) return ordinary();
    if (!entry.prepared || entry.replays === entry.nextAudit) return this.record(entry, tensors, ordinary);
    const result = entry.prepared.replay.run(tensors);
    entry.replays++;
    return result;
  }

  report(): CaptureReport {
    return {
      signatures: [...this.entries.values()].map(({ signature, prepared, reason, replays }) => ({
        signature,
        state: reason !== undefined ? 'ordinary' : prepared ? 'replayed' : 'recording',
        kernels: prepared?.kernels ?? 0,
        dropped: prepared?.dropped ?? 0,
        replays,
        ...withReason(reason ?? prepared?.replay.obstacle),
      })),
    };
  }

  dispose(): void {
    this.isDisposed = true;
    for (const entry of this.entries.values()) this.reset(entry);
    this.entries.clear();
  }

  private entryOf(signature: string): Entry {
    const known = this.entries.get(signature);
    const entry: Entry = known ?? {
      signature,
      recordings: 0,
      recording: undefined,
      recorded: [],
      common: new Map(),
      prepared: undefined,
      reason: undefined,
      replays: 0,
      nextAudit: FIRST_AUDIT,
    };
    // The map is in order of the last call.
    this.entries.delete(signature);
    this.entries.set(signature, entry);
    if (this.entries.size > MOST_SIGNATURES) {
      const [oldest] = this.entries.values();
      this.reset(oldest!);
      this.entries.delete(oldest!.signature);
    }
    return entry;
  }

  /** Forgets the recording, so that the next calls record anew. */
  private reset(entry: Entry): void {
    entry.prepared?.replay.dispose();
    entry.prepared = undefined;
    entry.recording = undefined;
    entry.recordings = 0;
  }

  private record(entry: Entry, tensors: readonly tf.Tensor[], ordinary: () => unknown): unknown {
    const { result, recording, obstacle } = record(ordinary, tensors);
    const { prepared, recording: last } = entry;
    const change = last && recording ? difference(last, recording) : undefined;
    if (prepared) {
      this.audit(entry, obstacle ?? change);
      return result;
    }
    const ids = tensors.map(({ id }) => id);
    entry.recordings++;
    entry.recording = recording;
    if (recording && last && change === undefined) {
      entry.common = new Map([...ids.entries()].filter(([index, id]) => entry.recorded[index] === id));
      entry.nextAudit = entry.replays + FIRST_AUDIT;
      this.prepare(entry, recording);
    } else if (entry.recordings >= MOST_RECORDINGS) {
      this.fallBack(entry, obstacle ?? change ?? 'its kernels change from call to call');
    }
    entry.recorded = ids;
    return result;
  }

  /** Prepares a replay, unless memory is short: the function itself has run, and can go on. */
  private prepare(entry: Entry, recording: Recording): void {
    try {
      entry.prepared = prepare(recording);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.fallBack(entry, `no memory for the replay (${error.message})`);
    }
  }

  /** Compares an ordinary call with what has been replayed so far. */
  private audit(entry: Entry, change: string | undefined): void {
    entry.nextAudit = entry.replays + Math.min(entry.replays * (AUDIT_FACTOR - 1), LONGEST_AUDIT);
    if (change === undefined) return;
    this.fallBack(entry, `${change}, noticed after ${entry.replays} calls`);
  }

  private fallBack(entry: Entry, reason: string): void {
    this.reset(entry);
    entry.reason = reason;
    console.warn(`A captured function runs the ordinary way (${entry.signature}): ${reason}`);
  }
}

function withReason(reason: string | undefined): Pick<SignatureReport, 'reason'> {
  return reason === undefined ? {} : { reason };
}

function tensorsOf(argument: unknown, index: number): readonly tf.Tensor[] {
  const refuse = (value: unknown): TypeError =>
    typeError(ACTION, 'arguments must be tensors, or lists and objects of them', `argument ${index}`, value);
  const walk = (part: unknown): readonly tf.Tensor[] => {
    if (isTensor(part)) return [part];
    // Absent sample weights, for example.
    if (part === null || part === undefined) return [];
    if (typeof part !== 'object') throw refuse(part);
    return Object.values(part).flatMap(walk);
  };
  return walk(argument);
}

/** True if the arguments that all recordings had in common are the same again. */
function hasCommon({ common }: Entry, tensors: readonly tf.Tensor[]): boolean {
  return [...common].every(([index, id]) => tensors[index]!.id === id);
}

/** True if an argument is a variable that the function assigns, and was another tensor in the recording. */
function hasAssigned({ prepared, common }: Entry, tensors: readonly tf.Tensor[]): boolean {
  return tensors.some((tensor, index) => !common.has(index) && prepared?.guards.assigns(tensor));
}

/** Backend, and for each argument its structure, shapes and dtypes; a tensor that is given twice is marked by its index. */
function signatureOf(args: readonly unknown[], tensors: readonly tf.Tensor[]): string {
  const isDistinct = new Set(tensors).size === tensors.length;
  const describe = (tensor: tf.Tensor): string => {
    const { dtype, shape } = tensor;
    return `${dtype}[${shape.join(',')}]${isDistinct ? '' : `#${tensors.indexOf(tensor)}`}`;
  };
  const describeTree = (part: unknown): string => {
    if (isTensor(part)) return describe(part);
    if (part === null || part === undefined) return 'none';
    const names = Array.isArray(part) ? [] : Object.keys(part);
    return `(${names.join(' ')}: ${Object.values(part).map(describeTree).join(', ')})`;
  };
  const isFlat = args.length === tensors.length && args.every((argument) => isTensor(argument));
  return `${tf.getBackend()}: ${(isFlat ? tensors.map((tensor) => describe(tensor)) : args.map(describeTree)).join(', ')}`;
}

/** True within the function of a gradient, which needs the tape of an ordinary call. */
function isTapeOn(): boolean {
  const { state } = tf.engine() as unknown as { readonly state: { gradientDepth: number; kernelDepth: number } };
  return state.gradientDepth > 0 && state.kernelDepth === 0;
}
