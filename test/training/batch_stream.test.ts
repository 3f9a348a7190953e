/** Training data from `tf.data` and from asynchronous iterables, and data sets as `tf.data`. */
import * as tf from '@tensorflow/tfjs';
import type { BatchStream, TensorBatch } from '../../src/training/batch_stream.js';
import { decodeCheckpoint, encodeCheckpoint, resume } from '../../src/training/checkpoint.js';
import { selectImages, type Dataset } from '../../src/training/dataset.js';
import { permutation, Random } from '../../src/training/random.js';
import { toTfDataset } from '../../src/training/to_tf_dataset.js';
import { Trainer, type TrainOptions } from '../../src/training/trainer.js';
import { TINY_OPTIONS, tinyData, tinyModel, weightBits } from './support/tiny.js';

const { batchSize, seed } = TINY_OPTIONS;
const data = tinyData();
const { height, width, channels, classNames } = data.train;
const FIELDS = { height, width, channels, classNames, stepsPerEpoch: 5 } as const;

const asTensors = ({ images, labels }: Dataset): TensorBatch => ({
  images: tf.tensor4d(
    Float32Array.from(images, (byte) => byte / 127.5 - 1),
    [labels.length, height, width, channels],
  ),
  labels: tf.tensor1d(labels, 'int32'),
});

/** The batches that `Trainer` makes of images in memory. */
const sameBatches: BatchStream = {
  ...FIELDS,
  batches: async function* (epoch: number) {
    const order = permutation(data.train.labels.length, new Random(seed, 'shuffle', epoch));
    for (let at = 0; at < order.length; at += batchSize) {
      yield await Promise.resolve(asTensors(selectImages(data.train, order.subarray(at, at + batchSize))));
    }
  },
};

const newTrainer = (train: Dataset | BatchStream, options: Partial<TrainOptions> = {}): Trainer =>
  new Trainer(tinyModel(), { ...data, train }, { ...TINY_OPTIONS, augmentation: false, ...options });

const streamOf = (batch: () => unknown, count = 5): BatchStream => ({
  ...FIELDS,
  batches: async function* () {
    for (let step = 0; step < count; step++) yield (await Promise.resolve(batch())) as TensorBatch;
  },
});

beforeAll(() => tf.setBackend('cpu'));

test('a stream of the same batches trains to the same bits, and leaves no tensor', async () => {
  const known = newTrainer(data.train);
  await known.run();
  const trainer = newTrainer(sameBatches);
  const before = tf.memory().numTensors;
  await trainer.run();
  expect(weightBits(trainer.model)).toEqual(weightBits(known.model));
  expect(trainer.state.history.at(-1)!.loss).toBe(known.state.history.at(-1)!.loss);
  trainer.dispose();
  expect(tf.memory().numTensors).toBeLessThanOrEqual(before);
});

test.each([
  { flip: 'horizontal', zoom: 0.1, shift: 0.1 },
  { zoom: 0, shift: 0, rand: { operations: 2, magnitude: 9 } },
] as const)(
  'a stream is augmented, and goes on to the same bits when it is resumed within an epoch: %j',
  async (augmentation) => {
    const options = { augmentation };
    const straight = newTrainer(sameBatches, options);
    await straight.run();
    const plain = newTrainer(sameBatches);
    await plain.run();
    expect(weightBits(plain.model)).not.toEqual(weightBits(straight.model));
    const stop = new AbortController();
    let steps = 0;
    const interrupted = newTrainer(sameBatches, options);
    const onStep = (): void => {
      if (++steps === 7) stop.abort();
    };
    await interrupted.run({ signal: stop.signal, onStep });
    const checkpoint = await decodeCheckpoint(await encodeCheckpoint(interrupted), 'x');
    const resumed = newTrainer(sameBatches, options);
    await resume(resumed, checkpoint);
    await resumed.run();
    expect(weightBits(resumed.model)).toEqual(weightBits(straight.model));
    await expect(resume(newTrainer({ ...sameBatches, stepsPerEpoch: 4 }, options), checkpoint)).rejects.toThrow('data');
  },
);

test('toTfDataset() gives what Trainer and fitDataset take', async () => {
  const before = tf.memory().numTensors;
  const sets = [toTfDataset(data.train, { batchSize }), toTfDataset(data.train, { batchSize, seed: 3 })] as const;
  const labels: number[][] = [];
  for (const set of sets) {
    const seen: number[] = [];
    await set.forEachAsync(({ xs, ys }) => {
      expect(xs.shape.slice(1)).toEqual([height, width, channels]);
      seen.push(...tf.tidy(() => ys.argMax(-1).dataSync()));
    });
    labels.push(seen);
  }
  expect(labels[0]).toEqual([...data.train.labels]);
  expect(labels[1]).not.toEqual(labels[0]);
  expect([...labels[1]!].sort()).toEqual([...labels[0]!].sort());
  expect(tf.memory().numTensors).toBe(before);

  const trainer = newTrainer({ ...FIELDS, batches: sets[1] }, { epochs: 2 });
  await trainer.run();
  expect(trainer.state.history).toHaveLength(2);
  trainer.dispose();

  const model = tinyModel();
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
  const dataset: unknown = sets[0];
  const { epoch } = await model.fitDataset(dataset as Parameters<typeof model.fitDataset>[0], { epochs: 2 });
  expect(epoch).toEqual([0, 1]);
});

test('toTfDataset() gives masks as zeros and ones', async () => {
  const values = Uint8Array.from({ length: 44 * 4 }, (_, position) => [0, 1, 2, 255][position % 4]!);
  const seen: number[][] = [];
  await toTfDataset({ ...data.train, masks: { values, height: 2, width: 2 } }, { batchSize: 44 }).forEachAsync(
    ({ ys }) => {
      expect(ys.shape).toEqual([44, 2, 2, 3]);
      seen.push([...ys.dataSync().slice(0, 12)]);
    },
  );
  expect(seen).toEqual([[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]]);
});

test('a stream is closed at the end of each epoch, and before it is read again from its start', async () => {
  const log: string[] = [];
  const watched: BatchStream = {
    ...sameBatches,
    stepsPerEpoch: 3,
    batches: async function* (epoch) {
      log.push(`open ${epoch}`);
      try {
        yield* (sameBatches.batches as (epoch: number) => AsyncIterable<TensorBatch>)(epoch);
      } finally {
        log.push(`close ${epoch}`);
      }
    },
  };
  const trainer = newTrainer(watched, { epochs: 2 });
  await trainer.run();
  trainer.dispose();
  expect(log).toEqual(['open 0', 'close 0', 'open 1', 'close 1']);
});

const images = (shape: tf.Shape | number[], value = 0): tf.Tensor => tf.fill(shape as number[], value);
const labelsOf = (values: number[]): tf.Tensor => tf.tensor1d(values, 'float32');

test.each([
  [
    streamOf(() => ({ images: images([2, 8, 8, 1]), labels: labelsOf([0, 1]) }), 3),
    '5 batches in each epoch, received batches = 3',
  ],
  [streamOf(() => undefined), 'a batch must have the tensors images and labels'],
  [streamOf(() => ({ images: images([2, 8, 8, 1]) })), 'a batch must have the tensors images and labels'],
  [
    streamOf(() => ({ images: images([2, 8, 8, 3]), labels: labelsOf([0, 1]) })),
    'images must have the shape [batch, 8, 8, 1]',
  ],
  [
    streamOf(() => ({ images: images([11, 8, 8, 1]), labels: labelsOf([0]) })),
    '1 to batchSize = 10 images, received images = 11',
  ],
  [
    streamOf(() => ({ images: images([2, 8, 8, 1]), labels: labelsOf([0]) })),
    'labels must have the shape [2] or [2, 3]',
  ],
  [
    streamOf(() => ({ images: images([2, 8, 8, 1]), labels: labelsOf([0, 3]) })),
    'labels must be from 0 to 2, received label = 3',
  ],
  [
    streamOf(() => ({ images: images([2, 8, 8, 1]), labels: labelsOf([0, 0.5]) })),
    'labels must be from 0 to 2, received label = 0.5',
  ],
  [
    streamOf(() => ({ images: images([2, 8, 8, 1], NaN), labels: labelsOf([0, 1]) })),
    'pixels must be finite, received pixel = NaN',
  ],
] as const)('refuses a batch (%#)', async (stream, message) => {
  const trainer = newTrainer(stream);
  await expect(trainer.run()).rejects.toThrow(message);
  expect(trainer.state.step).toBe(message.includes('batches in each epoch') ? 3 : 0);
});

test.each([
  [{ ...sameBatches, stepsPerEpoch: 0 }, 'stepsPerEpoch'],
  [{ ...sameBatches, batches: [] }, 'batches must be a tf.data.Dataset or a function'],
  [{ ...sameBatches, classNames: [1, 2, 3] }, 'classNames must be a list of names'],
  [{ ...sameBatches, height: 9 }, "images must have the model's input shape"],
  [{ ...sameBatches, classNames: ['one', 'two'] }, "the data must have the model's 3 classes"],
] as const)('refuses a stream (%#)', (stream, message) => {
  expect(() => newTrainer(stream as never)).toThrow(message);
});
