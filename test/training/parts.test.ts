/** Runs whose optimizer, schedule, loss, metrics and callbacks are replaced: same bits when stopped and resumed. */
import * as tf from '@tensorflow/tfjs';
import { accelerate, layers } from '../../src/index.js';
import { Adam, AdamW, losses, metrics, schedules, SGD, Trainer } from '../../src/training/index.js';
import { decodeCheckpoint, encodeCheckpoint, resume } from '../../src/training/checkpoint.js';
import { bestEpoch, endsEarly, plateauFactor } from '../../src/training/early_stopping.js';
import { evaluate } from '../../src/training/evaluate.js';
import type { EpochRecord, TrainOptions } from '../../src/training/trainer.js';
import type { TrainingCallback } from '../../src/training/training_callbacks.js';
import type { TrainingParts } from '../../src/training/training_parts.js';
import { describeBackends } from '../support/backends.js';
import { TINY_OPTIONS, tinyData, tinyModel, weightBits } from './support/tiny.js';

const AVERAGED = { useEma: true, emaMomentum: 0.8, gradientAccumulationSteps: 3, globalClipNorm: 0.5 } as const;

const RECIPES: readonly (readonly [string, TrainingParts])[] = [
  [
    'AdamW, averages, clipping and accumulation',
    {
      optimizer: (defaults) => new AdamW({ ...defaults, ...AVERAGED, weightDecay: 0.1 }),
      schedule: schedules.warmUp({ steps: 3, then: schedules.cosine({ initial: 0.02, steps: 12 }) }),
      loss: losses.categoricalCrossentropy({ labelSmoothing: 0.1, classWeights: [1, 2, 1] }),
      metrics: { top2: metrics.topKAccuracy(2) },
    },
  ],
  [
    'SGD with Nesterov momentum, averages and accumulation',
    {
      optimizer: (defaults) => new SGD({ ...defaults, ...AVERAGED, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
      schedule: schedules.oneCycle({ highest: 0.05, steps: 15 }),
      loss: losses.categoricalFocalCrossentropy(),
    },
  ],
];

const newTrainer = (parts: Partial<TrainOptions>): Trainer =>
  new Trainer(tinyModel({ kit: layers }), tinyData(), { ...TINY_OPTIONS, ...parts });

const record = (testLoss: number, seconds = 1): EpochRecord => ({
  ...{ epoch: 1, loss: 1, accuracy: 0.5, testAccuracy: 1 - testLoss, learningRate: 0.1 },
  ...{ testLoss, seconds },
});

describeBackends(
  'Trainer',
  () => {
    test.each(RECIPES)('with %s gives the same bits when stopped and resumed', async (_, parts) => {
      const straight = newTrainer(parts);
      await straight.run();
      const stop = new AbortController();
      let steps = 0;
      const interrupted = newTrainer(parts);
      const onStep = (): void => {
        if (++steps === 8) stop.abort();
      };
      expect(await interrupted.run({ signal: stop.signal, onStep })).toBe(false);
      const checkpoint = await decodeCheckpoint(await encodeCheckpoint(interrupted), 'x');
      const resumed = new Trainer(tinyModel({ kit: layers }), tinyData(), { ...checkpoint.options, ...parts });
      await resume(resumed, checkpoint);
      expect(await resumed.run()).toBe(true);
      expect(weightBits(resumed.model)).toEqual(weightBits(straight.model));
      const figures = ({ state }: Trainer): object[] => state.history.map((each) => ({ ...each, seconds: 0 }));
      expect(figures(resumed)).toEqual(figures(straight));
      expect(straight.state.history.at(-1)!.testLoss).toBe((await evaluate(straight.model, straight.data.test)).loss);
      for (const trainer of [straight, interrupted, resumed]) trainer.dispose();
    });
  },
  { where: ({ repeatable }) => repeatable },
);

describeBackends('optimizers', () => {
  test.each([
    ['Adam', () => new Adam({ ...AVERAGED, learningRate: 0.05 })],
    ['SGD', () => new SGD({ ...AVERAGED, momentum: 0.9, weightDecay: 0.1, learningRate: schedules.constant(0.05) })],
  ] as const)('%s runs captured with the same result', async (_, create) => {
    const results: number[][] = [];
    for (const isCaptured of [false, true]) {
      const initial = tf.tensor2d([0.1, -0.2, 0.3, 0.4, -0.5, 0.6], [3, 2]);
      const dense = tf.layers.dense({ units: 2, inputShape: [3] });
      const model = tf.sequential({ layers: [dense] });
      dense.setWeights([initial, tf.zeros([2])]);
      model.compile({ optimizer: create(), loss: 'meanSquaredError' });
      const accelerated = isCaptured ? accelerate(model) : undefined;
      const [x, y] = [tf.linspace(-1, 1, 60).reshape([20, 3]), tf.linspace(2, -1, 40).reshape([20, 2])];
      await model.fit(x, y, { epochs: 4, batchSize: 2, shuffle: false });
      if (accelerated) expect(accelerated.report().train.signatures[0]!.state).toBe('replayed');
      results.push([...(await dense.getWeights()[0]!.data())]);
      accelerated?.dispose();
      tf.dispose([initial, x, y]);
    }
    results[0]!.forEach((value, index) => {
      expect(results[1]![index]).toBeCloseTo(value, 6);
    });
  });
});

describe('Trainer', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test.each([
    ['another optimizer', { optimizer: () => new SGD() }],
    ['other options of the optimizer', { optimizer: () => new AdamW({ weightDecay: 0.2 }) }],
    ['another schedule', { optimizer: () => new AdamW(), schedule: schedules.constant(0.1) }],
    ['another loss', { optimizer: () => new AdamW(), loss: losses.categoricalCrossentropy() }],
    ['none of them', {}],
  ] as const)('does not resume with %s', async (_, parts) => {
    const trainer = newTrainer({ optimizer: () => new AdamW() });
    const checkpoint = await decodeCheckpoint(await encodeCheckpoint(trainer), 'run.bin');
    await expect(resume(newTrainer(parts), checkpoint)).rejects.toThrow(
      "the checkpoint must be of the same optimizer, schedule, loss and metrics, received file = 'run.bin'",
    );
  });

  test('reports the loss that it minimizes, and metrics', async () => {
    const trainer = newTrainer({
      epochs: 1,
      loss: (truth, prediction) => tf.mul(tf.sum(tf.squaredDifference(truth, prediction), -1), 1000),
      metrics: { top1: metrics.topKAccuracy(1), top3: metrics.topKAccuracy(3) },
    });
    await trainer.run();
    const { loss, testAccuracy, metrics: means } = trainer.state.history[0]!;
    expect(loss).toBeGreaterThan(100);
    expect(means!['top1']).toBeCloseTo(testAccuracy, 6);
    expect(means!['top3']).toBe(1);
  });

  test('calls callbacks as model.fit does', async () => {
    const calls: string[] = [];
    const names = ['onTrainBegin', 'onEpochBegin', 'onBatchBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd'] as const;
    const callback: TrainingCallback = Object.fromEntries(
      names.map((name) => [
        name,
        (...given: readonly unknown[]) => void calls.push(`${name} ${JSON.stringify(given)}`),
      ]),
    );
    const trainer = newTrainer({ epochs: 1, batchSize: 22, callbacks: [callback] });
    await trainer.run();
    expect(calls.map((call) => call.replace(/ .*/, ''))).toEqual([
      ...['onTrainBegin', 'onEpochBegin', 'onBatchBegin', 'onBatchEnd', 'onBatchBegin', 'onBatchEnd'],
      ...['onEpochEnd', 'onTrainEnd'],
    ]);
    const { loss, testLoss } = trainer.state.history[0]!;
    expect(calls.at(-2)).toContain(`"loss":${loss}`);
    expect(calls.at(-2)).toContain(`"val_loss":${testLoss}`);
  });

  test('ends by a callback of TensorFlow.js, or by its own options', async () => {
    const monitor = { monitor: 'val_loss', minDelta: 100, patience: 2 };
    for (const parts of [
      { callbacks: [tf.callbacks.earlyStopping(monitor)] },
      { earlyStopping: { patience: 2, minDelta: 100 } },
      { seconds: 1e-9, epochs: 3 },
    ]) {
      const trainer = newTrainer({ epochs: 9, batchSize: 44, ...parts });
      expect(await trainer.run()).toBe(true);
      expect(trainer.finished).toBe(true);
      expect(trainer.state.epoch).toBe('seconds' in parts ? 1 : 3);
    }
  });

  test('lowers the learning rate on a plateau', async () => {
    const plateau = { patience: 1, minDelta: 100, factor: 0.5 };
    const trainer = newTrainer({ batchSize: 44, plateau, schedule: schedules.constant(0.08) });
    await trainer.run();
    expect(trainer.state.history.map(({ learningRate }) => learningRate)).toEqual([0.08, 0.08, 0.04]);
  });

  test.each([
    [{ optimizer: 'adam' as never }, 'optimizer must be one of this package'],
    [{ optimizer: new Adam(), offsetLearningRateMultiplier: 1 }, 'offsetLearningRateMultiplier needs an optimizer'],
    [{ earlyStopping: { patience: 0 } }, 'patience'],
    [{ plateau: { patience: 1, factor: 1 } }, 'factor'],
    [{ schedule: () => NaN }, 'the schedule must return a number'],
  ] as const)('refuses %#', async (parts, message) => {
    await expect((async () => newTrainer(parts).run())()).rejects.toThrow(message);
  });
});

describe('decisions from the history', () => {
  const history = [0.9, 0.5, 0.6, 0.45, 0.45, 0.46, 0.47].map((loss) => record(loss));

  test('the best epoch is the last one that improves by more than minDelta', () => {
    expect(bestEpoch([])).toBe(0);
    expect(bestEpoch(history)).toBe(4);
    expect(bestEpoch(history, { monitor: 'testAccuracy' })).toBe(4);
    expect(bestEpoch(history, { minDelta: 0.1 })).toBe(2);
  });

  test('a run ends after so many epochs without an improvement', () => {
    const ends = (patience: number, minDelta = 0): number =>
      history.findIndex((_, index) => endsEarly(history.slice(0, index), { earlyStopping: { patience, minDelta } }));
    expect([ends(1), ends(2), ends(3), ends(2, 0.1), ends(4)]).toEqual([3, 6, -1, 4, -1]);
    expect(endsEarly(history, { earlyStopping: { patience: 3 } })).toBe(true);
  });

  test('a run ends before an epoch that would not fit into its seconds', () => {
    const timed = [record(1, 10), record(1, 12)];
    expect([21, 33, 34, 40].map((seconds) => endsEarly(timed, { seconds }))).toEqual([true, true, false, false]);
  });

  test('each plateau lowers the learning rate as in Keras', () => {
    const factors = history.map((_, index) => plateauFactor(history.slice(0, index + 1), { patience: 1, factor: 0.5 }));
    expect(factors).toEqual([1, 1, 0.5, 0.5, 0.25, 0.125, 0.0625]);
    expect(plateauFactor(history, { patience: 2, factor: 0.5 })).toBe(0.5);
    expect(plateauFactor([], { patience: 1 })).toBe(1);
  });
});

describe('a compiled model', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test.each([
    ['Convolutions>Adam', () => new Adam({ weightDecay: 0.1, useEma: true })],
    ['Convolutions>AdamW', () => new AdamW({ globalClipNorm: 2 })],
    ['Convolutions>SGD', () => new SGD({ momentum: 0.5, nesterov: true, gradientAccumulationSteps: 2 })],
  ] as const)('with %s is loaded with the optimizer and its state', async (name, create) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: create(), loss: 'meanSquaredError' });
    const [x, y] = [tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), tf.tensor2d([1, 2, 3], [3, 1])];
    await model.fit(x, y, { epochs: 4 });
    let saved: tf.io.ModelArtifacts = {};
    const handler = tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
    });
    await model.save(handler, { includeOptimizer: true });
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    expect(loaded.optimizer.getClassName()).toBe(name);
    expect(loaded.optimizer.getConfig()).toEqual(model.optimizer.getConfig());
    expect(loaded.optimizer.iterations).toBe(4);
    const bits = async (of: tf.LayersModel): Promise<unknown> => {
      await of.fit(x, y, { epochs: 3 });
      return of.getWeights().map((weight) => [...weight.dataSync()]);
    };
    expect(await bits(loaded)).toEqual(await bits(model));
  });
});
