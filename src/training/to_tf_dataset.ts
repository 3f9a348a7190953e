import * as tf from '@tensorflow/tfjs';
import { checkInteger } from '../errors.js';
import { MAX_SEED } from '../kernel/philox.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { batchPixels } from './batch_pixels.js';
import { BatchReader } from './batch_reader.js';
import { checkDataset } from './check_dataset.js';
import { indicesOf, type Images } from './image_source.js';
import { permutation, Random } from './random.js';
import { truthTensor } from './truth_tensor.js';

const ACTION = 'make a tf.data.Dataset';

/** A batch of `toTfDataset`. */
// Not an interface, which has no index signature as a TensorContainer needs.
export type TfBatch = { xs: tf.Tensor4D; ys: tf.Tensor };

/** Options of `toTfDataset`. */
export interface TfDatasetOptions {
  /** Number of images in a batch; the last one may have fewer. @default 32 */
  batchSize?: number;
  /** Random seed for shuffling, an integer from 0 to 2³² − 1; another order each time it is iterated. @default no shuffling */
  seed?: number;
}

const OPTIONS: OptionNames<TfDatasetOptions> = { batchSize: true, seed: true };

/**
 * Makes a `tf.data.Dataset` of images, for `model.fitDataset` and for the operations of `tf.data`. Images that are read when
 * they are needed are read ahead in the background.
 *
 * @param images images in memory, or from `loadImages`
 * @param options batch size and seed; see {@link TfDatasetOptions}
 * @returns batches {xs: [batch, height, width, channels] as the model takes them, ys: one-hot, or of several
 * classes, [batch, classes]}, for images with masks [batch, height, width, classes], all zeros where there is no class
 * @throws TypeError or RangeError if the images or an option are invalid
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { loadMnist, takeFirst, toTfDataset } from 'tfjs-convolutions/training';
 *
 * const { train } = await loadMnist();
 * const model = conv.mobileNetV1({ alpha: 0.125, inputShape: [28, 28, 1], classes: 10, downsampling: 2 });
 * model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
 * const { epoch } = await model.fitDataset(toTfDataset(takeFirst(train, 64), { seed: 1 }), { epochs: 1, verbose: 0 });
 * console.log(epoch.length); // 1
 * ```
 */
export function toTfDataset(images: Images, options: TfDatasetOptions = {}): tf.data.Dataset<TfBatch> {
  checkOptions(ACTION, options, OPTIONS);
  checkDataset(ACTION, images);
  const { batchSize = 32, seed } = options;
  checkInteger(ACTION, 'batchSize', batchSize, 1);
  if (seed !== undefined) checkInteger(ACTION, 'seed', seed, 0, MAX_SEED);
  const count = images.labels.length;
  let epoch = 0;
  async function* batches(): AsyncGenerator<TfBatch> {
    const order =
      seed === undefined
        ? Uint32Array.from({ length: count }, (_, index) => index)
        : permutation(count, new Random(seed, 'shuffle', epoch++));
    const reader = new BatchReader(images, (batch) =>
      batch * batchSize < count ? order.subarray(batch * batchSize, (batch + 1) * batchSize) : undefined,
    );
    for (let batch = 0; batch * batchSize < count; batch++) {
      const read = await reader.take(batch);
      const { labels, height, width, channels } = read;
      const xs = tf.tensor4d(batchPixels(read, indicesOf(read)), [labels.length, height, width, channels]);
      yield { xs, ys: truthTensor(read) };
    }
  }
  return tf.data.generator<TfBatch>(batches as never);
}
