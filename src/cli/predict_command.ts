/** The command `predict`: classes of pictures, by a saved model or an ONNX file. */
import type * as tf from '@tensorflow/tfjs';
import { CorruptFileError } from '../errors.js';
import { writeFileAtomic } from '../support/atomic_file.js';
import { LABEL_THRESHOLD } from '../training/metrics/multi_label_report.js';
import type { PredictCommandOptions } from './command_options.js';
import { describe, EXIT, printNote, type ExitStatus } from './exit_status.js';
import { count } from './format.js';
import { deferInterrupt } from './interruption.js';
import { inBatches, listFiles, reportLeftOut, type LeftOut } from './predict_files.js';
import { createLabelWriter } from './label_writers.js';
import { areProbabilities, createWriter, softmax, topGuesses, type Prediction } from './predict_results.js';
import { prepareImages } from './predict_images.js';
import type { Predictor, Scores } from './predictor.js';

const ACTION = 'predict';
/** Batches that wait, decoded, for those before them. */
const AHEAD = 2;
/** Milliseconds between two lines of progress. */
const PROGRESS_INTERVAL = 1000;

/** Runs `predict`. */
export async function runPredict(
  model: string,
  places: readonly string[],
  options: PredictCommandOptions,
): Promise<ExitStatus> {
  const opened = isOnnx(model) ? undefined : await openModelFiles(model, options);
  if (opened?.isSegmentation) {
    const { runPredictMasks } = await import('./predict_masks.js');
    return runPredictMasks(opened.model, places, options);
  }
  const predictor = opened?.predictor() ?? (await openOnnx(model, options));
  const interruption = deferInterrupt(() => undefined);
  const run = new Run(predictor, options, interruption.signal);
  const started = performance.now();
  try {
    const text = run.results(places);
    if (options.out === undefined) for await (const part of text) await print(part);
    else await writeFileAtomic(options.out, encoded(text));
  } catch (error) {
    if (interruption.signal.aborted) return interruption.status;
    throw error;
  } finally {
    interruption.release();
    run.endProgress();
    await predictor.close();
  }
  const seconds = (performance.now() - started) / 1000;
  const speed = (run.done / seconds).toFixed(run.done < 100 * seconds ? 1 : 0);
  printNote(
    `${count(run.done)} image${run.done === 1 ? '' : 's'} in ${seconds.toFixed(1)} s, ${speed} images/s, ${predictor.engine}`,
  );
  run.reportPassedOver();
  return EXIT.success;
}

function isOnnx(model: string): boolean {
  return model.toLowerCase().endsWith('.onnx');
}

async function openOnnx(model: string, options: PredictCommandOptions): Promise<Predictor> {
  const { openOnnxPredictor } = await import('./predict_onnx.js');
  return openOnnxPredictor(model, options);
}

/** A model of TensorFlow.js or Keras, which classifies or segments. */
interface ModelFiles {
  readonly model: tf.LayersModel;
  readonly isSegmentation: boolean;
  readonly predictor: () => Predictor;
}

async function openModelFiles(location: string, options: PredictCommandOptions): Promise<ModelFiles> {
  const { isSegmentation, openSaved, predictorOf } = await import('./predict_model.js');
  const opened = await openSaved(location, options);
  return {
    model: opened.model,
    isSegmentation: isSegmentation(opened.model),
    predictor: () => predictorOf(opened, options),
  };
}

/** Predictions of a batch, and its files that cannot be read. */
interface Outcome {
  readonly files: readonly string[];
  readonly broken: readonly unknown[];
  readonly scores: Scores | undefined;
}

class Run {
  done = 0;
  private readonly leftOut: LeftOut = { count: 0 };
  private broken = 0;
  private isSoftmax: boolean | undefined;
  private shown = performance.now();
  private hasLine = false;

  constructor(
    private readonly predictor: Predictor,
    private readonly options: PredictCommandOptions,
    private readonly signal: AbortSignal,
  ) {}

  /** Most classes to name for an image. */
  private get top(): number {
    return this.options.top ?? (this.threshold === undefined ? 1 : Infinity);
  }

  /** Probability from which on to name classes; undefined for the most probable ones. */
  private get threshold(): number | undefined {
    return this.options.threshold ?? (this.predictor.isMultiLabel ? LABEL_THRESHOLD : undefined);
  }

  /** The text of the results, in the order of the files, while later files are decoded and worked on. */
  async *results(places: readonly string[]): AsyncGenerator<string> {
    const { format, batch, skipBroken } = this.options;
    const { top, threshold } = this;
    const writerOf = (classes: number): ReturnType<typeof createWriter> =>
      threshold === undefined ? createWriter(format, Math.min(top, classes)) : createLabelWriter(format);
    if (!this.predictor.isRecorded) this.noteGuess();
    let writer: ReturnType<typeof createWriter> | undefined;
    for await (const { files, scores, broken } of this.outcomes(inBatches(listFiles(places, this.leftOut), batch))) {
      this.signal.throwIfAborted();
      for (const error of broken) this.nameBroken(error);
      const predictions = scores === undefined ? [] : this.predictions(files, scores);
      if (predictions.length === 0) continue;
      if (writer === undefined) {
        writer = writerOf(scores!.classes);
        yield writer.start(predictions);
      }
      yield writer.write(predictions);
      this.done += predictions.length;
      this.showProgress();
    }
    this.endProgress();
    if (this.broken > 0 && skipBroken !== true) {
      const rule =
        'every image must be complete and readable (the notes name those that are not; or pass --skip-broken)';
      throw new Error(`Cannot predict: ${rule}, received broken images = ${this.broken}`);
    }
    if (writer === undefined && this.broken === 0) {
      throw new CorruptFileError(ACTION, 'there must be images', places.join(', '));
    }
    if (writer === undefined) {
      writer = writerOf(top);
      yield writer.start([]);
    }
    yield writer.end();
  }

  /** Says on stderr what was passed over. */
  reportPassedOver(): void {
    if (this.broken > 0) {
      printNote(`${this.broken === 1 ? '1 image was' : `${count(this.broken)} images were`} passed over`);
    }
    reportLeftOut(this.leftOut);
  }

  endProgress(): void {
    if (this.hasLine) process.stderr.write('\r\u001b[K');
    this.hasLine = false;
  }

  private async *outcomes(batches: AsyncIterable<readonly string[]>): AsyncGenerator<Outcome> {
    const pending: Promise<Outcome>[] = [];
    for await (const files of batches) {
      const outcome = this.process(files);
      // It is awaited later; until then, a failure is no unhandled one.
      outcome.catch(() => undefined);
      pending.push(outcome);
      if (pending.length > this.predictor.parallel + AHEAD) yield pending.shift()!;
    }
    while (pending.length > 0) yield pending.shift()!;
  }

  private async process(files: readonly string[]): Promise<Outcome> {
    const { files: good, pixels, broken } = await prepareImages(files, this.predictor.input);
    const scores = good.length === 0 ? undefined : await this.predictor.run(pixels, good.length);
    return { files: good, broken, scores };
  }

  private predictions(files: readonly string[], scores: Scores): Prediction[] {
    const names = this.namesFor(scores.classes);
    if (this.isSoftmax === undefined) {
      this.isSoftmax = this.threshold === undefined && !areProbabilities(scores);
      if (this.isSoftmax) this.note('the scores of the model are not probabilities: confidence is their softmax');
    }
    const probabilities = this.isSoftmax ? softmax(scores) : scores;
    return topGuesses(probabilities, this.top, names, this.threshold).map((guesses, index) => ({
      file: files[index]!,
      guesses,
    }));
  }

  private namesFor(classes: number): readonly string[] {
    const names = this.options.classNames ?? this.predictor.classNames;
    if (names === undefined) return Array.from({ length: classes }, (_, index) => String(index));
    if (names.length === classes) return names;
    throw new Error(
      `Cannot predict: there must be a name for each of ${classes} classes, received names = ${names.length}`,
    );
  }

  private nameBroken(error: unknown): void {
    this.broken++;
    this.note(describe(error));
  }

  private noteGuess(): void {
    this.note('the model records no preprocessing: pixels are scaled to [-1, 1] (see --preprocessing)');
  }

  private note(message: string): void {
    this.endProgress();
    printNote(message);
  }

  /** One line on a terminal that results do not go to. */
  private showProgress(): void {
    const isFree = process.stderr.isTTY && (this.options.out !== undefined || !process.stdout.isTTY);
    if (!isFree || performance.now() - this.shown < PROGRESS_INTERVAL) return;
    this.shown = performance.now();
    this.hasLine = true;
    process.stderr.write(`\r${count(this.done)} images`);
  }
}

async function* encoded(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const part of text) yield Buffer.from(part);
}

/** Writes to standard output, as fast as its reader reads. */
async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise((resolve) => process.stdout.once('drain', resolve));
}
