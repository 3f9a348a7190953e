/** Training data as a stream of batches: a `tf.data.Dataset`, or any asynchronous iterable. */
import * as tf from '@tensorflow/tfjs';
import { checkBoolean, checkInteger, rangeError, typeError } from '../errors.js';
import type { Dataset } from './dataset.js';
import type { Images } from './image_source.js';
import { firstClasses } from './multi_hot.js';

const ACTION = 'read a batch';

/** A batch as tensors, which are disposed once they are read; under the names of `fitDataset` too. */
export type TensorBatch =
  { readonly images: tf.Tensor; readonly labels: tf.Tensor } | { readonly xs: tf.Tensor; readonly ys: tf.Tensor };

/**
 * Training data as a stream of batches, in the order in which they come. To resume within an epoch, its first batches are read
 * again, so that a stream that repeats itself gives the same bits.
 */
export interface BatchStream extends Omit<Dataset, 'images' | 'labels' | 'preprocessing' | 'masks' | 'multiHot'> {
  /**
   * Batches of an epoch: images [batch, height, width, channels] as the model takes them, with the class of each [batch] or
   * its one-hot form [batch, classes]. A `tf.data.Dataset` is iterated anew in each epoch.
   */
  readonly batches: tf.data.Dataset<tf.TensorContainer> | ((epoch: number) => AsyncIterable<TensorBatch>);
  /** Number of batches of an epoch, which may have more. */
  readonly stepsPerEpoch: number;
  /** True if images may have several classes, or none: labels are 0 or 1 for each, [batch, classes]. @default false */
  readonly multiLabel?: boolean;
}

/** Training images or a stream of their batches, and test images that training never sees. */
export interface TrainingData {
  /** Name of the data set, such as the name of its folder. */
  readonly name: string;
  readonly train: Images | BatchStream;
  readonly test: Images;
}

/** Tests for a stream of batches. */
export function isStream(data: Images | BatchStream): data is BatchStream {
  return typeof data === 'object' && (data as object | null) !== null && 'batches' in data;
}

/** Tests for images that may have several classes. */
export function isMultiLabel(data: Images | BatchStream): boolean {
  return isStream(data) ? data.multiLabel === true : data.multiHot !== undefined;
}

/** Checks the fields of a stream. */
export function checkStream(
  action: string,
  { batches, stepsPerEpoch, classNames, multiLabel = false }: BatchStream,
): void {
  checkBoolean(action, 'multiLabel', multiLabel);
  checkInteger(action, 'stepsPerEpoch', stepsPerEpoch, 1);
  if (typeof batches !== 'function' && typeof (batches as { iterator?: unknown } | null)?.iterator !== 'function') {
    throw typeError(action, 'batches must be a tf.data.Dataset or a function', 'batches', batches);
  }
  if (!Array.isArray(classNames) || !classNames.every((name) => typeof name === 'string')) {
    throw typeError(action, 'classNames must be a list of names', 'classNames', classNames);
  }
}

interface BatchIterator {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  /** Ends a generator early, so that it can close what it reads. */
  return?(): Promise<unknown>;
}

/** Reads the batches of a stream in their order. */
export class StreamReader {
  private iterator: BatchIterator | undefined;
  /** Number of the next batch of the iterator, over all epochs. */
  private position = NaN;

  /** @param batchSize largest number of images in a batch */
  constructor(
    private readonly stream: BatchStream,
    private readonly batchSize: number,
  ) {}

  /** Reads a batch by its number over all epochs. */
  async take(batch: number): Promise<Dataset> {
    const { stepsPerEpoch } = this.stream;
    if (batch !== this.position || batch % stepsPerEpoch === 0) {
      const epoch = Math.floor(batch / stepsPerEpoch);
      await this.close();
      this.iterator = await this.open(epoch);
      this.position = epoch * stepsPerEpoch;
      for (; this.position < batch; this.position++) {
        disposeBatch(await this.next());
      }
    }
    const value = await this.next();
    this.position++;
    try {
      if (this.position % stepsPerEpoch === 0) await this.close();
      return await this.read(value);
    } finally {
      disposeBatch(value);
    }
  }

  private async open(epoch: number): Promise<BatchIterator> {
    const { batches } = this.stream;
    if (typeof batches === 'function') return batches(epoch)[Symbol.asyncIterator]();
    return batches.iterator();
  }

  private async close(): Promise<void> {
    const { iterator } = this;
    this.iterator = undefined;
    await iterator?.return?.();
  }

  private async next(): Promise<unknown> {
    const { done, value } = await this.iterator!.next();
    if (done !== true) return value;
    const { stepsPerEpoch } = this.stream;
    const received = this.position % stepsPerEpoch;
    throw rangeError(ACTION, `the stream must have ${stepsPerEpoch} batches in each epoch`, 'batches', received);
  }

  private async read(value: unknown): Promise<Dataset> {
    const { height, width, channels, classNames, multiLabel = false } = this.stream;
    const {
      images: pixels,
      labels: classes,
      xs = pixels,
      ys = classes,
    } = (value ?? {}) as Partial<Record<string, tf.Tensor>>;
    if (!(xs instanceof tf.Tensor) || !(ys instanceof tf.Tensor)) {
      throw typeError(ACTION, 'a batch must have the tensors images and labels (or xs and ys)', 'batch', value);
    }
    this.checkImages(xs);
    const multiHot = multiLabel ? await readRows(ys, xs.shape[0], classNames.length) : undefined;
    const labels = multiHot
      ? firstClasses(multiHot, classNames.length)
      : await readLabels(ys, xs.shape[0], classNames.length);
    const images = Float32Array.from(await xs.data());
    const wrong = images.find((pixel) => !Number.isFinite(pixel));
    if (wrong !== undefined) throw rangeError(ACTION, 'pixels must be finite', 'pixel', wrong);
    return { images, labels, height, width, channels, classNames, ...(multiHot && { multiHot }) };
  }

  private checkImages({ shape }: tf.Tensor): void {
    const { height, width, channels } = this.stream;
    if (!tf.util.arraysEqual(shape, [shape[0], height, width, channels])) {
      const rule = `images must have the shape [batch, ${height}, ${width}, ${channels}]`;
      throw rangeError(ACTION, rule, 'images', shape);
    }
    if (shape[0] === 0 || shape[0] > this.batchSize) {
      throw rangeError(ACTION, `a batch must have 1 to batchSize = ${this.batchSize} images`, 'images', shape[0]);
    }
  }
}

/** Reads the classes of a batch, which may be one-hot. */
async function readLabels(labels: tf.Tensor, count: number, classes: number): Promise<Int32Array> {
  const isOneHot = labels.rank === 2 && labels.shape[1] === classes;
  if (labels.shape[0] !== count || (labels.rank !== 1 && !isOneHot)) {
    throw rangeError(ACTION, `labels must have the shape [${count}] or [${count}, ${classes}]`, 'labels', labels.shape);
  }
  const numbers = isOneHot ? tf.argMax(labels, -1) : labels;
  try {
    const given = await numbers.data();
    const wrong = given.find((label) => !Number.isInteger(label) || label < 0 || label >= classes);
    if (wrong !== undefined) throw rangeError(ACTION, `labels must be from 0 to ${classes - 1}`, 'label', wrong);
    return Int32Array.from(given);
  } finally {
    if (isOneHot) numbers.dispose();
  }
}

/** Reads the classes of images that may have several. */
async function readRows(labels: tf.Tensor, count: number, classes: number): Promise<Uint8Array> {
  if (!tf.util.arraysEqual(labels.shape, [count, classes])) {
    throw rangeError(ACTION, `labels must have the shape [${count}, ${classes}]`, 'labels', labels.shape);
  }
  const values = await labels.data();
  const wrong = values.find((value) => value !== 0 && value !== 1);
  if (wrong !== undefined) throw rangeError(ACTION, 'labels must be 0 or 1', 'label', wrong);
  return Uint8Array.from(values);
}

function disposeBatch(value: unknown): void {
  tf.dispose(value as tf.TensorContainer);
}
