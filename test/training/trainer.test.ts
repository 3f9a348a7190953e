/** Training runs: they learn, they can be stopped anywhere, and they go on with the same bits. */
import * as tf from '@tensorflow/tfjs';
import { resume } from '../../src/training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint_file.js';
import { cosineDecay } from '../../src/training/cosine_decay.js';
import { evaluate, scoreBatch } from '../../src/training/evaluate.js';
import { Trainer, type EpochRecord, type TrainOptions } from '../../src/training/trainer.js';
import { describeBackends } from '../support/backends.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { TINY_OPTIONS, tinyData, tinyModel, weightBits } from './support/tiny.js';

const inFolder = temporaryFolder();

/** The parts of a history that do not depend on the clock. */
function figures(history: readonly EpochRecord[]): object[] {
  return history.map((record) => ({ ...record, seconds: 0 }));
}

/** A signal that stops a run after so many steps; give `count` to `onStep`. */
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

function newTrainer(options: Partial<TrainOptions> = {}): Trainer {
  return new Trainer(tinyModel(), tinyData(), { ...TINY_OPTIONS, ...options });
}

describeBackends('Trainer', () => {
  test('learns, and tests what it learnt', async () => {
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

  test('keeps the number of tensors, over steps, evaluations, checkpoints and resumption', async () => {
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
    test('ends with the same bits for the same seed and others for another', async () => {
      const results = [];
      for (const seed of [7, 7, 8]) {
        const trainer = newTrainer({ seed, epochs: 1 });
        await trainer.run();
        results.push(weightBits(trainer.model));
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).not.toEqual(results[0]);
    });

    let uninterrupted: Promise<Trainer> | undefined;
    const runStraight = async (): Promise<Trainer> => {
      const trainer = newTrainer();
      await trainer.run();
      return trainer;
    };

    // Five steps an epoch: within the first epoch, at its end (before the evaluation), within the last one.
    test.each(['1', '5', '6, then 4', '13'])(
      'stopped after %s steps, saved and resumed, ends with the bits of an uninterrupted run',
      async (stops) => {
        const straight = await (uninterrupted ??= runStraight());
        const file = inFolder(`${backend.name} ${stops}.bin`);
        let trainer = newTrainer();
        for (const steps of stops.split(', then ').map(Number)) {
          const { signal, count } = stopAfter(steps);
          expect(await trainer.run({ signal, onStep: count })).toBe(false);
          await saveCheckpoint(file, trainer);
          // Another network and other moments: everything must come from the file.
          trainer = new Trainer(tinyModel({ seed: 99 }), tinyData(), TINY_OPTIONS);
          await resume(trainer, await loadCheckpoint(file));
        }
        expect(await trainer.run()).toBe(true);
        expect(weightBits(trainer.model)).toEqual(weightBits(straight.model));
        expect(figures(trainer.state.history)).toEqual(figures(straight.state.history));
        const moments = async ({ optimizer }: Trainer): Promise<number[][]> =>
          (await optimizer.getWeights()).map(({ tensor }) => [...tensor.dataSync()]);
        expect(await moments(trainer)).toEqual(await moments(straight));
      },
    );
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

  test('refuses images of another size and another number of classes', () => {
    const data = tinyData();
    const wide = { ...data, train: { ...data.train, height: 4, width: 16 } };
    expect(() => new Trainer(tinyModel(), wide, TINY_OPTIONS)).toThrow(
      'Cannot train: the model takes images of [8, 8, 1], received images of = [4, 16, 1]',
    );
    const more = { ...data, train: { ...data.train, classNames: ['a', 'b', 'c', 'd'] } };
    expect(() => new Trainer(tinyModel(), more, TINY_OPTIONS)).toThrow(
      'the model knows 3 classes, received classes = 4',
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

  test('stops at its signal', async () => {
    const controller = new AbortController();
    const onBatch = (): void => {
      controller.abort();
    };
    const stopped = evaluate(tinyModel(), tinyData().test, { batchSize: 4, signal: controller.signal, onBatch });
    await expect(stopped).rejects.toThrow('aborted');
  });
});

describe('scoreBatch()', () => {
  test('sums −log of the true class and counts hits', () => {
    const result = scoreBatch([0.5, 0.25, 0.25, 0.1, 0.1, 0.8], Int32Array.from([0, 1]), 3);
    expect(result.correct).toBe(1);
    expect(result.predicted).toEqual([0, 2]);
    expect(result.lossSum).toBeCloseTo(-Math.log(0.5) - Math.log(0.1), 5);
  });
});

describe('cosineDecay()', () => {
  test('starts at the initial rate, is half in the middle and ends at 0', () => {
    expect(cosineDecay(0.4, 0, 10)).toBe(0.4);
    expect(cosineDecay(0.4, 5, 10)).toBeCloseTo(0.2, 12);
    expect(cosineDecay(0.4, 10, 10)).toBe(0);
  });

  test.each([11, 15, 20, 1000])('stays at 0 at step %d of 10', (step) => {
    expect(cosineDecay(0.4, step, 10)).toBe(0);
  });
});
