/** Training runs: they learn, can be stopped anywhere, and continue bit for bit. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../src/index.js';
import { resume } from '../../src/training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint_file.js';
import { cosineDecay } from '../../src/training/cosine_decay.js';
import { evaluate, scoreBatch } from '../../src/training/evaluate.js';
import { Trainer, type EpochRecord, type TrainOptions } from '../../src/training/trainer.js';
import { describeBackends } from '../support/backends.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { TINY_OPTIONS, tinyData, tinyModel, weightBits, type DropoutKit } from './support/tiny.js';

const inFolder = temporaryFolder();

/** The metrics of a history without its times. */
function figures(history: readonly EpochRecord[]): object[] {
  return history.map((record) => ({ ...record, seconds: 0 }));
}

/** Creates a signal that stops a run after so many steps; pass `count` as `onStep`. */
function stopAfter(steps: number): { signal: AbortSignal; count: () => void } {
  const controller = new AbortController();
  let done = 0;
  return {
    signal: controller.signal,
    count: () => {
      if (++done === steps) controller.abort();
    },
  };
}

function newTrainer(options: Partial<TrainOptions> = {}, kit: DropoutKit = tf.layers): Trainer {
  return new Trainer(tinyModel({ kit }), tinyData(), { ...TINY_OPTIONS, ...options });
}

describeBackends('Trainer', () => {
  test('learns, and evaluates on the test images', async () => {
    const trainer = newTrainer({ epochs: 20 });
    expect(await trainer.run()).toBe(true);
    const { history } = trainer.state;
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss / 2);
    expect(history.at(-1)!.testAccuracy).toBeGreaterThan(0.8);
    const { accuracy, loss } = await evaluate(trainer.model, trainer.data.test);
    expect([accuracy, loss]).toEqual([history.at(-1)!.testAccuracy, history.at(-1)!.testLoss]);
    trainer.dispose();
  });

  test('decays the learning rate along half a cosine over all steps', async () => {
    const trainer = newTrainer({ epochs: 2 });
    await trainer.run();
    expect(trainer.stepsPerEpoch).toBe(5);
    expect(trainer.state.history.map(({ learningRate }) => learningRate)).toEqual([
      cosineDecay(0.02, 4, 10),
      cosineDecay(0.02, 9, 10),
    ]);
  });

  test('leaks no tensor in steps, evaluations, checkpoints and when resuming', async () => {
    const trainer = newTrainer();
    const counts: number[] = [];
    await trainer.run({
      onEpoch: async () => {
        await saveCheckpoint(inFolder('tensors.bin'), trainer);
        counts.push(tf.memory().numTensors);
      },
    });
    expect(new Set(counts).size).toBe(1);
    await resume(trainer, await loadCheckpoint(inFolder('tensors.bin')));
    expect(tf.memory().numTensors).toBe(counts[0]);
  });

  test('stops when the loss is no longer finite', async () => {
    const trainer = newTrainer({ epochs: 1 });
    const spoil = (): void => {
      trainer.model.setWeights(trainer.model.getWeights().map((weight) => tf.fill(weight.shape, NaN)));
    };
    await expect(trainer.run({ onStep: spoil })).rejects.toThrow(
      'the loss must stay finite (try a smaller learning rate), received loss = NaN',
    );
  });
});

describeBackends(
  'Trainer on a backend that repeats its results',
  (backend) => {
    test('gives the same result bit for bit for the same seed, and another for another seed', async () => {
      const results = [];
      for (const seed of [7, 7, 8]) {
        const trainer = newTrainer({ seed, epochs: 1 });
        await trainer.run();
        results.push(weightBits(trainer.model));
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).not.toEqual(results[0]);
    });

    test('gives the same result with less memory, and resumes with either', async () => {
      const [usual, low] = [newTrainer({}, layers), newTrainer({ memory: 'low' }, layers)];
      await usual.run();
      await low.run();
      expect(weightBits(low.model)).toEqual(weightBits(usual.model));
      expect(figures(low.state.history)).toEqual(figures(usual.state.history));
      const file = inFolder(`${backend.name} memory.bin`);
      const stopped = newTrainer({ memory: 'low' }, layers);
      const { signal, count } = stopAfter(6);
      await stopped.run({ signal, onStep: count });
      await saveCheckpoint(file, stopped);
      const resumed = newTrainer({}, layers);
      await resume(resumed, await loadCheckpoint(file));
      await resumed.run();
      expect(weightBits(resumed.model)).toEqual(weightBits(usual.model));
    });

    describe.each<{ title: string; kit: DropoutKit }>([
      { title: "the host's dropout", kit: tf.layers },
      { title: "the package's dropout", kit: layers },
      { title: "the package's dropout and a seed", kit: { dropout: (args) => layers.dropout({ ...args, seed: 5 }) } },
    ])('with $title', ({ title, kit }) => {
      let uninterrupted: Promise<Trainer> | undefined;
      const runUninterrupted = async (): Promise<Trainer> => {
        const trainer = newTrainer({}, kit);
        await trainer.run();
        return trainer;
      };

      // Five steps per epoch: within the first epoch, at its end (before the evaluation), within the last one.
      test.each(['1', '5', '6, then 4', '13'])(
        'stopped after %s steps, saved and resumed, equals an uninterrupted run bit for bit',
        async (stops) => {
          const expected = await (uninterrupted ??= runUninterrupted());
          const file = inFolder(`${backend.name} ${title} ${stops}.bin`);
          let trainer = newTrainer({}, kit);
          for (const steps of stops.split(', then ').map(Number)) {
            const { signal, count } = stopAfter(steps);
            expect(await trainer.run({ signal, onStep: count })).toBe(false);
            await saveCheckpoint(file, trainer);
            // A new network with other weights and moments: everything must come from the file.
            trainer = new Trainer(tinyModel({ seed: 99, kit }), tinyData(), TINY_OPTIONS);
            await resume(trainer, await loadCheckpoint(file));
          }
          expect(await trainer.run()).toBe(true);
          expect(weightBits(trainer.model)).toEqual(weightBits(expected.model));
          expect(figures(trainer.state.history)).toEqual(figures(expected.state.history));
          const moments = async ({ optimizer }: Trainer): Promise<number[][]> =>
            (await optimizer.getWeights()).map(({ tensor }) => [...tensor.dataSync()]);
          expect(await moments(trainer)).toEqual(await moments(expected));
        },
      );
    });
  },
  { where: ({ repeatable }) => repeatable },
);

describe('Trainer', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test.each([
    [{ epochs: 0 }, 'epochs must be an integer of at least 1'],
    [{ batchSize: 0 }, 'batchSize must be an integer of at least 1'],
    [{ learningRate: 0 }, 'learningRate must be a positive number'],
    [{ seed: -1 }, 'seed must be an integer of at least 0'],
    [{ augmentation: { zoom: 2, shift: 0 } }, 'zoom must be at least 0 and below 1'],
  ])('refuses %j', (options, message) => {
    expect(() => newTrainer(options)).toThrow(message);
  });

  test('moves the weights of offsets by a tenth of the learning rate, or by the fraction that is given', async () => {
    // Adam's first step moves each weight by the learning rate, as far as float32 holds it.
    const farthest = async (options: Partial<TrainOptions>, name: string): Promise<number> => {
      const trainer = newTrainer(options);
      const weight = trainer.model.trainableWeights.find(({ originalName }) => originalName.endsWith(name))!;
      const before = (await weight.read().data()).slice();
      const { signal, count } = stopAfter(1);
      await trainer.run({ signal, onStep: count });
      const after = await weight.read().data();
      trainer.dispose();
      return Math.max(...before.map((value, index) => Math.abs(after[index]! - value))) / TINY_OPTIONS.learningRate;
    };
    expect(await farthest({}, '/offset_kernel')).toBeCloseTo(0.1, 3);
    expect(await farthest({ offsetLearningRateMultiplier: 0.3 }, '/offset_kernel')).toBeCloseTo(0.3, 3);
    expect(await farthest({ offsetLearningRateMultiplier: 0 }, '/offset_kernel')).toBe(0);
    expect(await farthest({ offsetLearningRateMultiplier: 0.3 }, '/kernel')).toBeCloseTo(1, 3);
  });

  test('refuses images of another size and another number of classes', () => {
    const data = tinyData();
    const wide = { ...data, train: { ...data.train, height: 4, width: 16 } };
    expect(() => new Trainer(tinyModel(), wide, TINY_OPTIONS)).toThrow(
      "Cannot train: images must have the model's input shape [8, 8, 1], received image shape = [4, 16, 1]",
    );
    const more = { ...data, train: { ...data.train, classNames: ['a', 'b', 'c', 'd'] } };
    expect(() => new Trainer(tinyModel(), more, TINY_OPTIONS)).toThrow(
      "the data must have the model's 3 classes, received classes = 4",
    );
  });
});

describe('evaluate()', () => {
  test('counts every image in the row of its class', async () => {
    const { test: held } = tinyData();
    const { confusion, accuracy } = await evaluate(tinyModel(), held, { batchSize: 4 });
    expect(confusion.map((row) => row.reduce((sum, value) => sum + value))).toEqual([5, 5, 5]);
    expect(accuracy).toBe((confusion[0]![0]! + confusion[1]![1]! + confusion[2]![2]!) / 15);
  });

  test('stops when its signal aborts', async () => {
    const controller = new AbortController();
    const onBatch = (): void => {
      controller.abort();
    };
    const stopped = evaluate(tinyModel(), tinyData().test, { batchSize: 4, signal: controller.signal, onBatch });
    await expect(stopped).rejects.toThrow('aborted');
  });
});

describe('scoreBatch()', () => {
  test('sums −log of the probability of the true class and counts correct predictions', () => {
    const result = scoreBatch([0.5, 0.25, 0.25, 0.1, 0.1, 0.8], Int32Array.from([0, 1]), 3);
    expect(result.correct).toBe(1);
    expect([...(result.predicted as Uint32Array)]).toEqual([0, 2]);
    expect(result.lossSum).toBeCloseTo(-Math.log(0.5) - Math.log(0.1), 5);
  });
});

describe('cosineDecay()', () => {
  test('starts at the initial rate, is half of it in the middle and ends at 0', () => {
    expect(cosineDecay(0.4, 0, 10)).toBe(0.4);
    expect(cosineDecay(0.4, 5, 10)).toBeCloseTo(0.2, 12);
    expect(cosineDecay(0.4, 10, 10)).toBe(0);
  });

  test.each([11, 15, 20, 1000])('stays at 0 at step %d of 10', (step) => {
    expect(cosineDecay(0.4, step, 10)).toBe(0);
  });
});
