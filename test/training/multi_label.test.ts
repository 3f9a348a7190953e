/** Images with several labels: losses and scores as in torch and scikit-learn, splits, runs that resume, errors. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../src/index.js';
import { toTfDataset } from '../../src/training/to_tf_dataset.js';
import { resume } from '../../src/training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint_file.js';
import type { Dataset, SplitDataset } from '../../src/training/dataset.js';
import { evaluate } from '../../src/training/evaluate.js';
import { dataFingerprint } from '../../src/training/fingerprint.js';
import { binaryCrossentropy } from '../../src/training/losses/binary_crossentropy.js';
import { categoricalCrossentropy } from '../../src/training/losses/categorical_crossentropy.js';
import { Random } from '../../src/training/random.js';
import { splitByClass } from '../../src/training/split_by_class.js';
import { Trainer, type TrainOptions } from '../../src/training/trainer.js';
import { withSeed } from '../../src/training/with_seed.js';
import { describeBackends } from '../support/backends.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { weightBits } from './support/tiny.js';

const inFolder = temporaryFolder();
const SIDE = 8;
const CLASS_NAMES = ['lying', 'standing', 'dot'] as const;
const OPTIONS: TrainOptions = { epochs: 2, batchSize: 10, learningRate: 0.02, seed: 7, augmentation: false };

/** Noise with any of a lying bar, a standing bar and a white corner. */
function shapes(count: number, seed: number): Dataset {
  const random = new Random(seed, 'split');
  const images = new Uint8Array(count * SIDE * SIDE);
  const multiHot = new Uint8Array(count * 3);
  for (let n = 0; n < count; n++) {
    const own = multiHot.subarray(3 * n, 3 * n + 3);
    own.set([n & 1, (n >> 1) & 1, (n >> 2) & 1]);
    const line = 2 + random.below(SIDE - 3);
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const isBright = (own[0] === 1 && y === line) || (own[1] === 1 && x === line) || (own[2] === 1 && x + y < 2);
        images[(n * SIDE + y) * SIDE + x] = random.below(60) + (isBright ? 180 : 0);
      }
    }
  }
  const labels = Int32Array.from({ length: count }, (_, n) =>
    Math.max(0, multiHot.subarray(3 * n, 3 * n + 3).indexOf(1)),
  );
  return { images, labels, height: SIDE, width: SIDE, channels: 1, classNames: CLASS_NAMES, multiHot };
}

const data = (): SplitDataset => ({ name: 'shapes', train: shapes(44, 1), test: shapes(15, 2) });

const tagger = (activation: 'sigmoid' | 'softmax' = 'sigmoid'): tf.LayersModel =>
  withSeed(new Random(3, 'initialization'), () =>
    tf.sequential({
      layers: [
        layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [SIDE, SIDE, 1] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, activation }),
      ],
    }),
  );

const newTrainer = (options: Partial<TrainOptions> = {}): Trainer =>
  new Trainer(tagger(), data(), { ...OPTIONS, ...options });

/** Logits and labels of four images, and what torch 2.15 computes of them. */
const LOGITS = [
  [0.2, -1.5, 3],
  [-0.7, 0.4, 1.1],
  [2, -0.3, -2.5],
  [0.1, 1, -1],
];
const LABELS = [1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0];
/** `F.binary_cross_entropy(sigmoid(logits), labels, reduction='none').mean(1)` */
const TORCH = [0.2827132, 0.9011789, 1.1867243, 0.4569733];
/** `F.binary_cross_entropy_with_logits(logits, labels, pos_weight=[0.5, 2, 3], reduction='none').mean(1)` */
const TORCH_WEIGHTED = [0.2154149, 0.9011788, 3.1696148, 0.5613939];

describeBackends(
  'several labels, trained',
  () => {
    test('Trainer learns every label, from images and from a stream of them', async () => {
      const trainer = newTrainer({ epochs: 12, learningRate: 0.04 });
      await trainer.run();
      const last = trainer.state.history.at(-1)!;
      expect(last.metrics!['meanAveragePrecision']).toBeGreaterThan(0.85);
      expect(last.testAccuracy).toBeGreaterThan(0.8);
      expect(last.testAccuracy).toBeLessThanOrEqual(1);
      trainer.dispose();

      const { train, test: held } = data();
      const batches = toTfDataset(train, { batchSize: 10 });
      const stream = { batches, stepsPerEpoch: 5, height: SIDE, width: SIDE, channels: 1, classNames: CLASS_NAMES };
      const losses = await Promise.all(
        [{ ...stream, multiLabel: true }, train].map(async (each) => {
          const one = new Trainer(
            tagger(),
            { name: 'x', train: each, test: held },
            { ...OPTIONS, epochs: 1, learningRate: 1e-9 },
          );
          await one.run();
          one.dispose();
          return one.state.history[0]!.loss;
        }),
      );
      expect(losses[0]).toBeCloseTo(losses[1]!, 4);
      expect(() => new Trainer(tagger(), { name: 'x', train: stream, test: held }, OPTIONS)).toThrow(
        'training and test images must both have several labels, or both one',
      );
    });

    test('a run that was stopped and resumed ends with the same bits, with mixed images, too', async () => {
      const augmentation = { zoom: 0.1, shift: 0.1, mixup: 0.3 };
      const whole = newTrainer({ augmentation });
      await whole.run();
      const first = newTrainer({ augmentation });
      const controller = new AbortController();
      const stop = ({ step }: { readonly step: number }): void => {
        if (step === 3) controller.abort();
      };
      await first.run({ signal: controller.signal, onStep: stop });
      await saveCheckpoint(inFolder('labels.bin'), first);
      const second = newTrainer({ augmentation });
      await resume(second, await loadCheckpoint(inFolder('labels.bin')));
      await second.run();
      expect(weightBits(second.model)).toEqual(weightBits(whole.model));
      for (const trainer of [whole, first, second]) trainer.dispose();
    });
  },
  { where: ({ repeatable }) => repeatable },
);

describeBackends('several labels', () => {
  test('evaluate() has the loss of torch, and the scores of the labels', async () => {
    const model = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [1, 1, 3] }), tf.layers.dense({ units: 3, activation: 'sigmoid' })],
    });
    model.setWeights([tf.eye(3), tf.zeros([3])]);
    const dataset: Dataset = {
      ...{ images: Float32Array.from(LOGITS.flat()), height: 1, width: 1, channels: 3, classNames: CLASS_NAMES },
      labels: Int32Array.of(0, 0, 0, 1),
      multiHot: Uint8Array.from(LABELS),
    };
    const { loss, losses, accuracy, confusion, labels, metrics } = await evaluate(model, dataset, { batchSize: 3 });
    TORCH.forEach((value, image) => {
      expect(losses[image]).toBeCloseTo(value, 5);
    });
    expect(loss).toBeCloseTo(TORCH.reduce((sum, value) => sum + value, 0) / 4, 5);
    // From the threshold on: [1 0 1], [0 1 1], [1 0 0], [1 1 0].
    expect([accuracy, labels!.accuracy, labels!.exactMatch]).toEqual(
      [7 / 12, 7 / 12, 1 / 4].map((value) => expect.closeTo(value, 6) as number),
    );
    expect(labels!.classes.map(({ precision, recall, support }) => [precision, recall, support])).toEqual([
      [2 / 3, 1, 2],
      [1 / 2, 1 / 2, 2],
      [1 / 2, 1 / 2, 2],
    ]);
    expect(confusion).toEqual([]);
    expect(metrics!['meanF1']).toBeCloseTo((0.8 + 0.5 + 0.5) / 3, 6);
    expect(metrics!['meanAveragePrecision']).toBeCloseTo((1 + 5 / 6 + 3 / 4) / 3, 6);
    expect(metrics!['meanAreaUnderCurve']).toBeCloseTo((1 + 3 / 4 + 1 / 2) / 3, 6);
    const weighted = binaryCrossentropy({ fromLogits: true, positiveWeights: [0.5, 2, 3] });
    const values = await weighted(tf.tensor2d(LABELS, [4, 3]), tf.tensor2d(LOGITS)).data();
    TORCH_WEIGHTED.forEach((value, image) => {
      expect(values[image]).toBeCloseTo(value, 5);
    });
    model.dispose();
  });
});

describe('several labels', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('evaluate() counts labels as found from its threshold on', async () => {
    const [model, images] = [tagger(), shapes(15, 2)];
    const none = await evaluate(model, images, { threshold: 1 });
    const present = images.multiHot!.reduce((sum, value) => sum + value, 0);
    expect(none.accuracy).toBeCloseTo(1 - present / images.multiHot!.length, 6);
    expect(none.labels!.classes.map(({ recall }) => recall)).toEqual([0, 0, 0]);
    const every = await evaluate(model, images, { threshold: 0 });
    expect(every.accuracy).toBeCloseTo(present / images.multiHot!.length, 6);
    expect(every.labels!.classes.map(({ recall }) => recall)).toEqual([1, 1, 1]);
    expect(every.loss).toBe(none.loss);
    const { multiHot, ...single } = images;
    expect(multiHot).toHaveLength(45);
    await expect(evaluate(tagger('softmax'), single, { threshold: 0.4 })).rejects.toThrow(
      'threshold is for images with several labels, received threshold = 0.4',
    );
  });

  test('a split gives each class about a fifth of its images to test', () => {
    const all = shapes(200, 3);
    // The last class is rare.
    for (let n = 0; n < 200; n++) all.multiHot![3 * n + 2] = Number(n % 40 === 0);
    const { train, test: held } = splitByClass(all, 1);
    expect(train.labels.length + held.labels.length).toBe(200);
    const counts = ({ multiHot }: Dataset): number[] =>
      [0, 1, 2].map((c) => multiHot!.filter((value, at) => at % 3 === c && value === 1).length);
    expect(counts(held)[2]).toBe(1);
    expect(counts(train)[2]).toBe(4);
    for (const count of counts(held).slice(0, 2)) expect(Math.abs(count - 20)).toBeLessThanOrEqual(2);
    expect(splitByClass(all, 1).test.multiHot).toEqual(held.multiHot);
    expect(splitByClass(all, 2).test.multiHot).not.toEqual(held.multiHot);
  });

  test('the fingerprint of the data covers all labels', async () => {
    const [one, other] = [data(), data()];
    other.train.multiHot![5] = 1 - other.train.multiHot![5]!;
    expect(await dataFingerprint(one)).not.toBe(await dataFingerprint(other));
  });

  test.each<[string, () => unknown]>([
    [
      'multiHot must be 0 or 1, received value = 2',
      () =>
        new Trainer(tagger(), { ...data(), train: { ...shapes(4, 1), multiHot: new Uint8Array(12).fill(2) } }, OPTIONS),
    ],
    [
      '4 images of 3 classes must have 12 values of multiHot',
      () => new Trainer(tagger(), { ...data(), train: { ...shapes(4, 1), multiHot: new Uint8Array(11) } }, OPTIONS),
    ],
    ['must end in sigmoid if images have several labels', () => new Trainer(tagger('softmax'), data(), OPTIONS)],
    ['images with several labels need a loss of each', () => newTrainer({ loss: categoricalCrossentropy() })],
    [
      'multiHot must be a Uint8Array',
      () => new Trainer(tagger(), { ...data(), train: { ...shapes(4, 1), multiHot: [1] as never } }, OPTIONS),
    ],
  ])('Trainer refuses what does not fit: %s', (message, create) => {
    expect(create).toThrow(message);
  });
});
