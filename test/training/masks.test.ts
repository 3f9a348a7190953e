/** Segmentation: masks move with their images, positions without a class count nowhere, and runs resume bit for bit. */
import * as tf from '@tensorflow/tfjs';
import { moveImage, type Motion } from '../../src/training/affine_image.js';
import { batchPixels } from '../../src/training/batch_pixels.js';
import { resume } from '../../src/training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint_file.js';
import type { Dataset } from '../../src/training/dataset.js';
import { evaluate } from '../../src/training/evaluate.js';
import { dataFingerprint } from '../../src/training/fingerprint.js';
import { indicesOf } from '../../src/training/image_source.js';
import { dice } from '../../src/training/losses/dice.js';
import { categoricalCrossentropy } from '../../src/training/losses/categorical_crossentropy.js';
import { IGNORED, type Masks } from '../../src/training/masks.js';
import { moveMask } from '../../src/training/move_mask.js';
import { Random } from '../../src/training/random.js';
import { takeFirst } from '../../src/training/take_first.js';
import { Trainer, type TrainOptions } from '../../src/training/trainer.js';
import { trainingBatch } from '../../src/training/training_batch.js';
import { describeBackends } from '../support/backends.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { weightBits } from './support/tiny.js';
import { tinyMasks, tinySegmenter } from './support/tiny_masks.js';

const inFolder = temporaryFolder();

const OPTIONS: TrainOptions = { epochs: 3, batchSize: 10, learningRate: 0.02, seed: 7, augmentation: false };

const newTrainer = (options: Partial<TrainOptions> = {}): Trainer =>
  new Trainer(tinySegmenter(), tinyMasks(), { ...OPTIONS, ...options });

/** Cross-entropy, correct positions and confusion over the positions with a class, from the formulas. */
async function expected(model: tf.LayersModel, dataset: Dataset): Promise<object> {
  const { labels, height, width, classNames, masks } = dataset;
  const x = tf.tensor4d(batchPixels(dataset, indicesOf(dataset)), [labels.length, height, width, 1]);
  const probabilities = await (model.predict(x) as tf.Tensor).data();
  const confusion = classNames.map(() => classNames.map(() => 0));
  let [loss, known] = [0, 0];
  masks!.values.forEach((truth, position) => {
    if (truth === IGNORED) return;
    const row = [...probabilities.subarray(3 * position, 3 * position + 3)];
    loss -= Math.log(row[truth]!);
    known++;
    confusion[truth]![row.indexOf(Math.max(...row))]!++;
  });
  const correct = confusion.reduce((sum, row, index) => sum + row[index]!, 0);
  const ious = confusion.map((row, index) => {
    const all = row.reduce((a, b) => a + b) + confusion.reduce((sum, other) => sum + other[index]!, 0) - row[index]!;
    return row[index]! / all;
  });
  return {
    loss: expect.closeTo(loss / known, 4) as number,
    accuracy: correct / known,
    confusion,
    metrics: { meanIou: expect.closeTo((ious[0]! + ious[1]! + ious[2]!) / 3, 6) as number },
  };
}

describeBackends('Trainer with masks', () => {
  test('learns the class of every position; evaluate() measures those that have one', async () => {
    const trainer = newTrainer({ epochs: 12, learningRate: 0.06 });
    expect(await trainer.run()).toBe(true);
    const { history } = trainer.state;
    expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss / 3);
    expect(history.at(-1)!.accuracy).toBeLessThanOrEqual(1);
    expect(history.at(-1)!.metrics!['meanIou']).toBeGreaterThan(0.6);
    const { test: held } = trainer.data as { readonly test: Dataset };
    expect(await evaluate(trainer.model, held, { batchSize: 4 })).toMatchObject(await expected(trainer.model, held));
    trainer.dispose();
  });

  test('positions without a class are no part of the loss, with and without class weights', async () => {
    for (const loss of [undefined, categoricalCrossentropy({ classWeights: [1, 1, 1] })]) {
      const trainer = newTrainer({ epochs: 1, batchSize: 100, learningRate: 1e-9, ...(loss && { loss }) });
      const x = batchPixels(trainer.data.train as Dataset, indicesOf(trainer.data.train as Dataset));
      const p = trainer.model.apply(tf.tensor4d(x, [22, 8, 8, 1]), { training: true }) as tf.Tensor;
      const probabilities = await p.data();
      const known = [...(trainer.data.train as Dataset).masks!.values.entries()].filter(([, c]) => c !== IGNORED);
      const mean = known.reduce((sum, [at, c]) => sum - Math.log(probabilities[3 * at + c]!), 0) / known.length;
      await trainer.run();
      expect(trainer.state.history[0]!.loss).toBeCloseTo(mean, 4);
      trainer.dispose();
    }
  });

  test('a loss of whole images lowers', async () => {
    const trainer = newTrainer({ epochs: 4, loss: dice() });
    await trainer.run();
    const { history } = trainer.state;
    expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss);
    trainer.dispose();
  });
});

describeBackends(
  'Trainer with masks, resumed',
  () => {
    test('a run that was stopped and resumed ends with the same bits', async () => {
      const augmentation = { zoom: 0.2, shift: 0.1, flip: 'both', rotate: 20 } as const;
      const whole = newTrainer({ augmentation });
      await whole.run();
      const first = newTrainer({ augmentation });
      const controller = new AbortController();
      const stop = ({ epoch, step }: { readonly epoch: number; readonly step: number }): void => {
        if (epoch === 1 && step === 1) controller.abort();
      };
      await first.run({ signal: controller.signal, onStep: stop });
      expect(first.state).toMatchObject({ epoch: 1, step: 1 });
      await saveCheckpoint(inFolder('masks.bin'), first);
      const second = newTrainer({ augmentation });
      await resume(second, await loadCheckpoint(inFolder('masks.bin')));
      await second.run();
      expect(weightBits(second.model)).toEqual(weightBits(whole.model));
      for (const trainer of [whole, first, second]) trainer.dispose();
    });
  },
  { where: ({ repeatable }) => repeatable },
);

test.each<[string, Partial<Motion>]>([
  ['nothing', {}],
  ['a shift', { shift: [2, -1] }],
  ['flips', { flipRows: true, flipColumns: true }],
  ['a flip of columns', { flipColumns: true }],
  ['a quarter turn', { angle: Math.PI / 2 }],
])('moveMask() moves a mask as moveImage() moves an image: %s', (_, change) => {
  const shape = { height: 5, width: 5, channels: 1 };
  const random = new Random(1, 'split');
  const mask = Uint8Array.from({ length: 25 }, () => random.below(6));
  const motion = { zoom: 1, shift: [0, 0], flipRows: false, flipColumns: false, angle: 0, ...change } as const;
  const [image, moved] = [new Float32Array(25), new Uint8Array(25)];
  moveImage(mask, image, shape, motion);
  moveMask(mask, moved, shape, motion);
  expect([...moved]).toEqual(Array.from(image, Math.round));
});

test('a batch moves images and their coarser masks alike', () => {
  // A wide bright square, which stays half in the image, in a mask of half its size.
  const { train } = tinyMasks();
  const one = takeFirst(train, 1);
  for (let y = 0; y < 8; y++) for (let x = 0; x < 8; x++) one.images[8 * y + x] = x < 4 ? 255 : 0;
  for (let at = 0; at < 16; at++) one.masks!.values[at] = at % 4 < 2 ? 2 : 0;
  for (let epoch = 0; epoch < 20; epoch++) {
    const augmentation = { zoom: 0, shift: 0, flip: 'horizontal' } as const;
    const step = { augmentation, seed: 1, epoch, step: 0, numbers: [5] };
    const { pixels, classes, truth, truthShape } = trainingBatch(one, step);
    expect(classes[0]).toBe(pixels[0]! > 0 ? 2 : 0);
    expect(classes[3]).toBe(pixels[7]! > 0 ? 2 : 0);
    expect([truthShape, truth[classes[0]!]]).toEqual([[1, 4, 4, 3], 1]);
  }
});

describe('Data with masks', () => {
  beforeAll(() => tf.setBackend('cpu'));

  const withMasks = (masks: object): Dataset => ({ ...tinyMasks().train, masks: masks as Masks });
  const good = tinyMasks().train.masks!;

  test.each<[string, object, string]>([
    ['a list', [1, 2], 'masks must be an object of values (a Uint8Array), height and width, received masks = [1, 2]'],
    ['plain numbers', { ...good, values: [1] }, 'masks must be an object of values (a Uint8Array)'],
    ['another size', { ...good, height: 5 }, '22 masks must have 440 values, received values = 352'],
    ['no height', { ...good, height: 0 }, 'masks.height must be an integer of at least 1, received masks.height = 0'],
    ['an unknown class', { ...good, values: good.values.map((value, at) => (at === 23 ? 3 : value)) }, 'classes of masks must be from 0 to 2, or 255 for none, received image 1, y 1, x 3 = 3'], // prettier-ignore
    ['no class at all', { ...good, values: good.values.map(() => IGNORED) }, 'masks must have positions with a class'],
  ])('refuses masks with %s', async (_, masks, message) => {
    await expect(evaluate(tinySegmenter(), withMasks(masks))).rejects.toThrow(message);
  });

  test('refuses masks of another size than the output, and to mix images', async () => {
    const fine = { values: new Uint8Array(22 * 64), height: 8, width: 8 };
    await expect(evaluate(tinySegmenter(), withMasks(fine))).rejects.toThrow(
      "masks must have the shape [4, 4] of the model's output, received mask shape = [8, 8]",
    );
    expect(() => newTrainer({ augmentation: { zoom: 0, shift: 0, mixup: 0.2 } })).toThrow(
      'images with masks cannot be mixed, received mixup = 0.2',
    );
  });

  test('has a fingerprint of its masks', async () => {
    const train: { masks?: Masks } & Omit<Dataset, 'masks'> = { ...tinyMasks().train };
    delete train.masks;
    const changed = { ...tinyMasks(), train: withMasks({ ...good, values: good.values.map((value) => value && 1) }) };
    const prints = await Promise.all([tinyMasks(), { ...tinyMasks(), train }, changed].map(dataFingerprint));
    expect(new Set(prints).size).toBe(3);
    expect(prints[0]).toBe(await dataFingerprint(tinyMasks()));
  });
});
