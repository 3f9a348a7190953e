/** ONNX files for `predict`, run by onnxruntime-node in worker threads. */
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { loadFormat } from '../interop/onnx/load_format.js';
import { loadAllOptional, loadOptional } from '../support/optional_package.js';
import { CorruptFileError, isPlainObject } from '../errors.js';
import { findSharp } from '../training/decoder.js';
import {
  ANY_SIZE,
  checkPreprocessing,
  choosePreprocessing,
  type ImageShape,
  type Preprocessing,
} from '../training/preprocessing.js';
import type { PredictCommandOptions } from './command_options.js';
import { UsageError } from './exit_status.js';
import { readOnnxHeader, type OnnxHeader } from './onnx_header.js';
import { ONNX_WORKER_SOURCE, type OnnxAnswer, type OnnxRequest } from './onnx_worker_source.js';
import { checkSize } from './predict_images.js';
import type { Predictor, Scores } from './predictor.js';

const ACTION = 'predict';

/** Opens a file in as many workers as there are threads. */
export async function openOnnxPredictor(file: string, options: PredictCommandOptions): Promise<Predictor> {
  if (options.backend !== undefined) {
    throw new UsageError(`option '--backend' is not for ONNX files, received backend = '${options.backend}'`);
  }
  await loadAllOptional([findRuntime, () => loadFormat(ACTION), () => findSharp(ACTION)]);
  const library = await findRuntime();
  const header = await readOnnxHeader(file);
  const isFirst = isChannelsFirst(header, file);
  const { input, isRecorded } = inputOf(header, isFirst, options, file);
  const count = options.threads ?? os.availableParallelism();
  const workerData = { library, file: path.resolve(file), input: header.input };
  const workers = Array.from({ length: count }, () => new SessionThread(file, workerData));
  const close = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.close()));
  };
  try {
    await Promise.all(workers.map((worker) => worker.ready));
  } catch (error) {
    await close();
    throw error;
  }
  const { height, width, channels } = input;
  return {
    engine: `onnxruntime (${count} ${count === 1 ? 'thread' : 'threads'})`,
    input,
    isRecorded,
    classNames: classNamesOf(header, file),
    isMultiLabel: header.metadata['multi_label'] === 'true',
    parallel: count,
    run: async (pixels, images): Promise<Scores> => {
      const worker = workers.reduce((best, each) => (each.waiting < best.waiting ? each : best));
      const shape = isFirst ? [images, channels, height, width] : [images, height, width, channels];
      const values = isFirst ? channelsFirst(pixels, height * width, channels) : pixels;
      return scoresOf(await worker.ask(values, shape), images, file);
    },
    close,
  };
}

function findRuntime(): Promise<string> {
  return loadOptional(ACTION, 'onnxruntime-node', () =>
    // In Node, every import of this package resolves to its CommonJS build, where __filename exists.
    createRequire(__filename).resolve('onnxruntime-node'),
  );
}

/** A worker with a session, and the requests that it works on. */
class SessionThread {
  readonly ready: Promise<unknown>;
  private readonly worker: Worker;
  private readonly pending = new Map<
    number,
    { resolve: (answer: OnnxAnswer) => void; reject: (error: unknown) => void }
  >();
  private count = 0;
  private lost: Error | undefined;

  constructor(
    private readonly file: string,
    workerData: unknown,
  ) {
    this.worker = new Worker(ONNX_WORKER_SOURCE, { eval: true, workerData });
    this.worker.on('message', (answer: OnnxAnswer) => {
      const { resolve, reject } = this.pending.get(answer.id)!;
      this.pending.delete(answer.id);
      if (answer.failed === undefined) resolve(answer);
      else reject(new CorruptFileError(ACTION, `onnxruntime must run the model (${answer.failed})`, this.file));
    });
    this.worker.on('error', (error) => {
      this.end(error);
    });
    this.worker.on('exit', () => {
      this.end(new Error('the worker ended'));
    });
    this.ready = this.wait(-1);
  }

  /** Number of requests that are not answered yet. */
  get waiting(): number {
    return this.pending.size;
  }

  ask(pixels: Float32Array<ArrayBuffer>, shape: readonly number[]): Promise<OnnxAnswer> {
    const id = this.count++;
    const answer = this.wait(id);
    this.worker.postMessage({ id, pixels, shape } satisfies OnnxRequest, [pixels.buffer]);
    return answer;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private wait(id: number): Promise<OnnxAnswer> {
    return new Promise((resolve, reject) => {
      if (this.lost === undefined) this.pending.set(id, { resolve, reject });
      else reject(this.lost);
    });
  }

  private end(error: Error): void {
    this.lost ??= new Error(
      `Cannot predict: onnxruntime must not fail (${error.message}), received file = '${this.file}'`,
    );
    for (const { reject } of this.pending.values()) reject(this.lost);
    this.pending.clear();
  }
}

/** True if images are [images, channels, height, width]. */
function isChannelsFirst({ shape }: OnnxHeader, file: string): boolean {
  const isCount = (size: number | null | undefined): boolean => size === 1 || size === 3;
  if (isCount(shape[3])) return false;
  if (isCount(shape[1])) return true;
  const rule = `the model must take images of 1 or 3 channels, first or last, and takes [${shape.map((size) => size ?? 'any').join(', ')}]`;
  throw new CorruptFileError(ACTION, rule, file);
}

/** Images as the file records them, but for what the options say. */
function inputOf(
  { shape, metadata }: OnnxHeader,
  isFirst: boolean,
  { size: chosenSize, preprocessing }: PredictCommandOptions,
  file: string,
): { readonly input: Preprocessing; readonly isRecorded: boolean } {
  const [height, width, channels] = (isFirst ? [2, 3, 1] : [1, 2, 3]).map((axis) => shape[axis]!);
  checkSize(chosenSize, [height, width]);
  const size = chosenSize ?? ANY_SIZE;
  const sizes = { height: height ?? size, width: width ?? size, channels: channels as 1 | 3 };
  const recorded = recordedPreprocessing(metadata, sizes, file);
  const input = recorded ?? choosePreprocessing(ACTION, sizes, {});
  const chosen = preprocessing && { scale: preprocessing[0], offset: preprocessing[1] };
  return { input: { ...input, ...chosen }, isRecorded: (chosen ?? recorded) !== undefined };
}

function recordedPreprocessing(
  metadata: OnnxHeader['metadata'],
  sizes: ImageShape,
  file: string,
): Preprocessing | undefined {
  const recorded = parse(metadata['preprocessing'], 'preprocessing', file);
  if (recorded === undefined) return undefined;
  const fields = isPlainObject(recorded) ? recorded : {};
  // A file that records its scaling alone was trained on images that were stretched, and on black where transparent.
  const base = { fit: 'stretch', background: [0, 0, 0], scale: undefined, offset: undefined };
  try {
    return checkPreprocessing(ACTION, { ...base, ...fields, ...sizes });
  } catch {
    throw new CorruptFileError(ACTION, 'preprocessing of the metadata must have scale and offset', file);
  }
}

function classNamesOf({ metadata }: OnnxHeader, file: string): readonly string[] | undefined {
  const names = parse(metadata['class_names'], 'class_names', file);
  if (names === undefined) return undefined;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new CorruptFileError(ACTION, 'class_names of the metadata must be a list of texts', file);
}

function parse(json: string | undefined, key: string, file: string): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new CorruptFileError(ACTION, `${key} of the metadata must be JSON`, file);
  }
}

/** Images with the channels last, as images with the channels first. */
function channelsFirst(pixels: Float32Array, area: number, channels: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(pixels.length);
  const image = area * channels;
  for (let start = 0; start < pixels.length; start += image) {
    for (let channel = 0; channel < channels; channel++) {
      const plane = start + channel * area;
      for (let index = 0; index < area; index++) values[plane + index] = pixels[start + index * channels + channel]!;
    }
  }
  return values;
}

function scoresOf({ values, shape }: OnnxAnswer, images: number, file: string): Scores {
  const [count, classes, ...others] = shape!;
  if (count === images && classes !== undefined && others.every((size) => size === 1)) {
    return { values: values!, classes };
  }
  const rule = `the model must give scores of classes [images, classes], and gives [${shape!.join(', ')}] for ${images} images`;
  throw new CorruptFileError(ACTION, rule, file);
}
