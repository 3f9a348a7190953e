/** Loss and accuracy of a classifier on a data set. */
import * as tf from '@tensorflow/tfjs';
import { capture } from '../capture/capture.js';
import { checkModel } from '../support/check_model.js';
import { checkInteger, rangeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { batchPixels } from './batch_pixels.js';
import type { TrainingData } from './batch_stream.js';
import { checkTraining } from './check_dataset.js';
import { checkCallback, checkSignal } from './checks.js';
import { BatchReader } from './batch_reader.js';
import { indicesOf, type Images } from './image_source.js';
import type { Metric } from './metrics/top_k_accuracy.js';
import { nextTurn } from './next_turn.js';
import { checkParts } from './training_parts.js';

/** Added to a probability before its logarithm, so that a wrong prediction made with certainty costs 16, not infinity. */
export const PROBABILITY_FLOOR = 1e-7;

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Images per batch. @default 100 */
  batchSize?: number;
  /** Signal to abort the evaluation between two batches. */
  signal?: AbortSignal;
  /** Called after every batch with the number of images evaluated so far. */
  onBatch?: (seen: number) => void;
  /** Further metrics by name. @default none */
  metrics?: Readonly<Record<string, Metric>>;
}

const OPTIONS: OptionNames<EvaluateOptions> = { batchSize: true, signal: true, onBatch: true, metrics: true };

/** Result of `evaluate`. */
export interface Evaluation {
  /** Mean categorical cross-entropy in nats. */
  readonly loss: number;
  /** Fraction of images that are classified correctly. */
  readonly accuracy: number;
  /** Number of images of class [row] that were classified as [column]. */
  readonly confusion: readonly (readonly number[])[];
  /** Means of the given metrics over the images; missing if there are none. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Sums over the images of one batch. */
export interface BatchResult {
  readonly lossSum: number;
  readonly correct: number;
  /** Most probable class of each image. */
  readonly predicted: readonly number[];
}

/**
 * Computes the loss and accuracy of a classifier on a data set.
 *
 * @param model classifier with softmax output [batch, classes]
 * @param dataset images of the model's input size, in memory or read when they are needed
 * @param options batch size, abort signal and progress callback; see {@link EvaluateOptions}
 * @returns mean loss, accuracy and confusion matrix
 * @throws RangeError if the data set does not fit the model, or the loss is not finite; DOMException 'AbortError' if the
 * signal aborted it
 * @example
 * ```ts
 * import { evaluate, loadMnist, takeFirst } from 'tfjs-convolutions/training';
 *
 * const { test } = await loadMnist();
 * const model = conv.mobileNetV1({ alpha: 0.125, inputShape: [28, 28, 1], classes: 10, downsampling: 2 });
 * const { confusion } = await evaluate(model, takeFirst(test, 50));
 * console.log(confusion.length); // 10
 * ```
 */
export async function evaluate(
  model: tf.LayersModel,
  dataset: Images,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkOptions('evaluate', options, OPTIONS);
  const { batchSize = 100, signal, onBatch, metrics } = options;
  checkParts('evaluate', options);
  checkInteger('evaluate', 'batchSize', batchSize, 1);
  checkSignal('evaluate', signal);
  checkCallback('evaluate', 'onBatch', onBatch);
  checkFit('evaluate', model, dataset);
  const count = dataset.labels.length;
  const classes = dataset.classNames.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let lossSum = 0;
  let correct = 0;
  const sums = Object.entries(metrics ?? {}).map(([name, metric]) => ({ name, metric, sum: 0 }));
  const forward = capture((x: tf.Tensor4D) => model.apply(x, { training: false }) as tf.Tensor2D);
  const batches = new BatchReader(dataset, (batch) => {
    const start = batch * batchSize;
    if (start >= count) return undefined;
    return Uint32Array.from({ length: Math.min(batchSize, count - start) }, (_, index) => start + index);
  });
  try {
    for (let start = 0; start < count; start += batchSize) {
      signal?.throwIfAborted();
      const images = await batches.take(start / batchSize);
      const { labels, height, width, channels } = images;
      const probabilities = tf.tidy(() => {
        const pixels = batchPixels(images, indicesOf(images));
        return forward(tf.tensor4d(pixels, [labels.length, height, width, channels]));
      });
      const result = scoreBatch(await probabilities.data(), labels, classes);
      for (const each of sums) {
        const mean = tf.tidy(() => {
          const truth = tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat();
          return tf.mean(each.metric(truth, probabilities));
        });
        each.sum += (await mean.data())[0]! * labels.length;
        mean.dispose();
      }
      probabilities.dispose();
      if (!Number.isFinite(result.lossSum)) {
        const rule = 'the loss must be finite (the model must end in softmax, with finite weights)';
        throw rangeError('evaluate', rule, 'loss', result.lossSum);
      }
      lossSum += result.lossSum;
      correct += result.correct;
      result.predicted.forEach((guess, index) => confusion[labels[index]!]![guess]!++);
      onBatch?.(start + labels.length);
      await nextTurn();
    }
  } finally {
    forward.dispose();
  }
  const means = Object.fromEntries(sums.map(({ name, sum }) => [name, sum / count]));
  return { loss: lossSum / count, accuracy: correct / count, confusion, ...(metrics && { metrics: means }) };
}

/** Sums the cross-entropy and the correct predictions of one batch of probabilities [labels.length, classes]. */
export function scoreBatch(probabilities: ArrayLike<number>, labels: Int32Array, classes: number): BatchResult {
  let lossSum = 0;
  let correct = 0;
  const predicted: number[] = [];
  labels.forEach((label, index) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[index * classes + c]! > probabilities[index * classes + best]!) best = c;
    }
    predicted.push(best);
    if (best === label) correct++;
    lossSum -= Math.log(probabilities[index * classes + label]! + PROBABILITY_FLOOR);
  });
  return { lossSum, correct, predicted };
}

/** Throws unless the model takes the images of the data set and has the same number of classes. */
export function checkFit(action: string, model: tf.LayersModel, dataset: TrainingData['train']): void {
  checkModel(action, model);
  checkTraining(action, dataset);
  const expected = model.inputs[0]!.shape.slice(1);
  const received = [dataset.height, dataset.width, dataset.channels];
  if (expected.length !== 3 || expected.some((size, axis) => size !== null && size !== received[axis])) {
    throw rangeError(
      action,
      `images must have the model's input shape [${expected.join(', ')}]`,
      'image shape',
      received,
    );
  }
  const classes = model.outputs[0]!.shape.at(-1);
  if (classes !== dataset.classNames.length) {
    throw rangeError(action, `the data must have the model's ${classes} classes`, 'classes', dataset.classNames.length);
  }
}
