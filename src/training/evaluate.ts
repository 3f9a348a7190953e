/** Loss and accuracy of a classifier, of images or of their pixels, on a data set. */
import * as tf from '@tensorflow/tfjs';
import { capture } from '../capture/capture.js';
import { checkModel } from '../support/check_model.js';
import { checkInteger, checkNumber, rangeError } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { batchPixels } from './batch_pixels.js';
import { outputActivation } from '../models/output_activation.js';
import { isMultiLabel, isStream, type TrainingData } from './batch_stream.js';
import { checkTraining } from './check_dataset.js';
import { checkCallback, checkSignal } from './checks.js';
import { BatchReader } from './batch_reader.js';
import type { Dataset } from './dataset.js';
import { indicesOf, type Images } from './image_source.js';
import type { Metric } from './metrics/top_k_accuracy.js';
import { multiLabelReport, type MultiLabelReport } from './metrics/multi_label_report.js';
import { segmentationReport } from './metrics/segmentation_report.js';
import { nextTurn } from './next_turn.js';
import { scoreLabels } from './score_labels.js';
import { checkParts } from './training_parts.js';
import { truthTensor } from './truth_tensor.js';

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
  /** Probability from which on a label counts as found, from 0 to 1, if images have several labels. @default 0.5 */
  threshold?: number;
  /** Further metrics by name. @default none */
  metrics?: Readonly<Record<string, Metric>>;
}

const OPTIONS: OptionNames<EvaluateOptions> = {
  batchSize: true,
  signal: true,
  onBatch: true,
  threshold: true,
  metrics: true,
};

/** Result of `evaluate`. */
export interface Evaluation {
  /** Mean categorical cross-entropy in nats; binary cross-entropy if images have several labels. */
  readonly loss: number;
  /** Fraction of images (of pixels with a class, for masks; of labels, if images have several) that are classified correctly. */
  readonly accuracy: number;
  /** Number of images (of pixels) of class [row] that were classified as [column]; empty if images have several labels. */
  readonly confusion: readonly (readonly number[])[];
  /** Cross-entropy of each image; for several labels the mean over them; for masks the mean over its pixels with a class, and 0 if there are none. */
  readonly losses: Float32Array;
  /** Scores of every class if images have several labels, which count as found from the threshold on. */
  readonly labels?: MultiLabelReport;
  /**
   * Means of the given metrics over the images, and over the classes for masks `meanIou` and `meanDice`, for several labels
   * `meanAveragePrecision`, `meanAreaUnderCurve` and `meanF1`; missing if there are none.
   */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Sums over the images of one batch. */
export interface BatchResult {
  readonly lossSum: number;
  readonly correct: number;
  /** Number of images, or of positions with a class. */
  readonly counted: number;
  /** Most probable class of each image, or of each position. */
  readonly predicted: ArrayLike<number>;
}

/**
 * Computes the loss and accuracy of a classifier on a data set, or of a segmentation on one with masks. If images may have several
 * labels, also the scores of every class.
 *
 * @param model classifier with softmax output [batch, classes] (sigmoid, for several labels), or [batch, height, width, classes] for
 * masks
 * @param dataset images of the model's input size, in memory or read when they are needed
 * @param options batch size, abort signal, progress callback and more; see {@link EvaluateOptions}
 * @returns mean loss, accuracy, confusion matrix, and the loss of each image
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
  const { batchSize = 100, signal, onBatch, metrics, threshold } = options;
  checkParts('evaluate', options);
  checkInteger('evaluate', 'batchSize', batchSize, 1);
  checkSignal('evaluate', signal);
  checkCallback('evaluate', 'onBatch', onBatch);
  if (threshold !== undefined) checkNumber('evaluate', 'threshold', threshold, { from: 0, to: 1 });
  checkFit('evaluate', model, dataset);
  if (threshold !== undefined && !dataset.multiHot) {
    throw rangeError('evaluate', 'threshold is for images with several labels', 'threshold', threshold);
  }
  const count = dataset.labels.length;
  const classes = dataset.classNames.length;
  const scores = emptyScores(dataset);
  const confusion = emptyConfusion(dataset);
  let lossSum = 0;
  let correct = 0;
  let counted = 0;
  const losses = new Float32Array(count);
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
      const values = await probabilities.data();
      const result = scoreImages(values, images, threshold);
      losses.set(result.losses, start);
      if (scores.length > 0) scores.set(values, start * classes);
      for (const each of sums) {
        const mean = tf.tidy(() => tf.mean(each.metric(truthTensor(images), probabilities)));
        each.sum += (await mean.data())[0]! * labels.length;
        mean.dispose();
      }
      probabilities.dispose();
      if (!Number.isFinite(result.lossSum)) {
        const rule =
          'the loss must be finite (the model must end in softmax, or in sigmoid for several labels, with finite weights)';
        throw rangeError('evaluate', rule, 'loss', result.lossSum);
      }
      lossSum += result.lossSum;
      correct += result.correct;
      counted += result.counted;
      addConfusion(confusion, images, result.predicted);
      onBatch?.(start + labels.length);
      await nextTurn();
    }
  } finally {
    forward.dispose();
  }
  const given = metrics && Object.fromEntries(sums.map(({ name, sum }) => [name, sum / count]));
  const [loss, accuracy] = [lossSum / counted, correct / counted];
  return {
    loss,
    accuracy,
    confusion,
    losses,
    ...meansOf(dataset, { confusion, scores, threshold }, given),
  };
}

/** Room for the probabilities of all images, if they have several labels. */
function emptyScores({ multiHot }: Images): Float32Array {
  return new Float32Array(multiHot ? multiHot.length : 0);
}

/** A confusion matrix without images; empty if they have several labels. */
function emptyConfusion({ multiHot, classNames: { length } }: Images): number[][] {
  return Array.from({ length: multiHot ? 0 : length }, () => new Array<number>(length).fill(0));
}

/** Sums over the images of a batch, with the loss of each. */
function scoreImages(
  values: ArrayLike<number>,
  { labels, masks, multiHot, classNames }: Dataset,
  threshold: number | undefined,
): BatchResult & { readonly losses: Float32Array } {
  const classes = classNames.length;
  if (multiHot) return { ...scoreLabels(values, multiHot, classes, threshold), counted: labels.length, predicted: [] };
  const truths = masks?.values ?? labels;
  return { ...scoreBatch(values, truths, classes), losses: imageLosses(values, truths, labels.length, classes) };
}

/** Adds the classes of a batch to the matrix. */
function addConfusion(confusion: number[][], { labels, masks }: Dataset, predicted: ArrayLike<number>): void {
  const truths = masks?.values ?? labels;
  for (let index = 0; index < truths.length; index++) {
    const row = confusion[truths[index]!];
    if (row) row[predicted[index]!]!++;
  }
}

/** Means of the given metrics, and of those of masks or of several labels with their scores; nothing without any. */
function meansOf(
  { masks, multiHot, classNames }: Images,
  found: {
    readonly confusion: readonly (readonly number[])[];
    readonly scores: Float32Array;
    readonly threshold: number | undefined;
  },
  given: Readonly<Record<string, number>> | undefined,
): Pick<Evaluation, 'labels' | 'metrics'> {
  if (multiHot) {
    const labels = multiLabelReport(multiHot, found.scores, classNames.length, found.threshold);
    const { meanAveragePrecision, meanAreaUnderCurve, macro } = labels;
    return { labels, metrics: { meanAveragePrecision, meanAreaUnderCurve, meanF1: macro.f1, ...given } };
  }
  if (!masks) return given ? { metrics: given } : {};
  const { meanIou, meanDice } = segmentationReport(found.confusion);
  return { metrics: { meanIou, meanDice, ...given } };
}

/** Mean cross-entropy of the labels of each image that are classes. */
function imageLosses(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  images: number,
  classes: number,
): Float32Array {
  const each = labels.length / images;
  return Float32Array.from({ length: images }, (_, image) => {
    let [sum, counted] = [0, 0];
    for (let at = image * each; at < (image + 1) * each; at++) {
      if (labels[at]! >= classes) continue;
      sum -= Math.log(probabilities[at * classes + labels[at]!]! + PROBABILITY_FLOOR);
      counted++;
    }
    return sum / Math.max(counted, 1);
  });
}

/**
 * Sums the cross-entropy and the correct predictions of one batch of probabilities [labels.length, classes]; labels that are no
 * class do not count.
 */
export function scoreBatch(
  probabilities: ArrayLike<number>,
  labels: Int32Array | Uint8Array,
  classes: number,
): BatchResult {
  let lossSum = 0;
  let correct = 0;
  let counted = 0;
  const predicted = new Uint32Array(labels.length);
  labels.forEach((label: number, index: number) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[index * classes + c]! > probabilities[index * classes + best]!) best = c;
    }
    predicted[index] = best;
    if (label >= classes) return;
    counted++;
    if (best === label) correct++;
    lossSum -= Math.log(probabilities[index * classes + label]! + PROBABILITY_FLOOR);
  });
  return { lossSum, correct, counted, predicted };
}

/** Throws unless the model takes the images of the data set and has the same classes, at the positions of its masks. */
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
  const output = model.outputs[0]!.shape;
  const masks = isStream(dataset) ? undefined : dataset.masks;
  const positions = masks ? [masks.height, masks.width] : [];
  const given = output.slice(1, -1);
  if (masks && (given.length !== 2 || given.some((size, axis) => size !== null && size !== positions[axis]))) {
    throw rangeError(action, `masks must have the shape [${given.join(', ')}] of the model's output`, 'mask shape', positions); // prettier-ignore
  }
  const classes = output.at(-1);
  if (classes !== dataset.classNames.length) {
    throw rangeError(action, `the data must have the model's ${classes} classes`, 'classes', dataset.classNames.length);
  }
  if (isMultiLabel(dataset) && outputActivation(model) === 'softmax') {
    throw rangeError(action, 'the model must end in sigmoid if images have several labels', 'activation', 'softmax');
  }
}
