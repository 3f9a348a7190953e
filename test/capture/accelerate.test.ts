/** Models whose steps are captured beside equal models as TensorFlow.js runs them. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';

type Make = () => tf.LayersModel;

const initializer = (seed: number): { kernelInitializer: ReturnType<typeof tf.initializers.randomUniform> } => ({
  kernelInitializer: tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed }),
});

/** Stock layers. */
const sequential: Make = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 2], activation: 'relu', ...initializer(1) }),
      tf.layers.flatten(),
      tf.layers.dense({
        units: 4,
        activation: 'softmax',
        kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }),
        ...initializer(2),
      }),
    ],
  });

/** Layers of this package, two inputs and two outputs. */
const functional: Make = () => {
  const [a, b] = [tf.input({ shape: [6, 6, 2] }), tf.input({ shape: [6, 6, 2] })];
  const features = conv.layers.conv2d({ filters: 3, kernelSize: 3, ...initializer(1) });
  const [x, y] = [features.apply(a) as tf.SymbolicTensor, features.apply(b) as tf.SymbolicTensor];
  const normal = conv.layers.batchNormalization({}).apply(x) as tf.SymbolicTensor;
  const heads = [normal, y].map((each, index) => {
    const flat = tf.layers.flatten().apply(each);
    return tf.layers
      .dense({ name: `head_${index}`, units: 4, activation: 'softmax', ...initializer(3 + index) })
      .apply(flat);
  });
  return tf.model({ inputs: [a, b], outputs: heads as tf.SymbolicTensor[] });
};

const images = (seed: number): tf.Tensor => tf.randomUniform([22, 6, 6, 2], -1, 1, 'float32', seed);
const labels = (): tf.Tensor =>
  tf
    .oneHot(
      tf.tensor1d(
        Array.from({ length: 22 }, (_, index) => index % 4),
        'int32',
      ),
      4,
    )
    .toFloat();

describeBackends(
  'accelerate()',
  ({ repeatable }) => {
    const close = (got: unknown, want: unknown): void => {
      const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
      if (repeatable) expect(a).toBe(b);
      else {
        const flat = (text: string): number[] => (text.match(/-?\d+(\.\d+)?(e-?\d+)?/g) ?? []).map(Number);
        expect(flat(a)).toHaveLength(flat(b).length);
        flat(a).forEach((value, index) => {
          expect(value).toBeCloseTo(flat(b)[index]!, 3);
        });
      }
    };

    test.each([
      ['sequential', sequential, false],
      ['functional', functional, true],
    ] as const)('%s model: history, batches, evaluation and predictions', async (_, make, isDouble) => {
      const [x, y] = isDouble
        ? [
            [images(1), images(2)],
            [labels(), labels()],
          ]
        : [images(1), labels()];
      const models = [make(), make()] as const;
      const records = [];
      for (const [index, model] of models.entries()) {
        model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
        const accelerated = index === 1 ? conv.accelerate(model) : undefined;
        const epochs: string[] = [];
        const history = await model.fit(x, y, {
          epochs: 4,
          batchSize: 8,
          shuffle: false,
          validationData: [x, y] as never,
          callbacks: {
            onEpochEnd: (epoch: number, logs: unknown) =>
              Promise.resolve(void epochs.push(`${epoch} ${JSON.stringify(logs)}`)),
          },
        });
        const onBatch = await model.trainOnBatch(x, y);
        const scores = [model.evaluate(x, y, { batchSize: 8 })].flat();
        const predicted = [model.predict(x as tf.Tensor, { batchSize: 8 })].flat();
        records.push({
          history: history.history,
          epochs,
          onBatch,
          scores: await Promise.all(scores.map(async (score) => [...(await score.data())])),
          predicted: await Promise.all(predicted.map(async (tensor) => [tensor.shape, ...(await tensor.data())])),
        });
        tf.dispose([...scores, ...predicted]);
        if (accelerated) {
          const { train, test, predict } = accelerated.report();
          expect(train.signatures[0]).toMatchObject({ state: 'replayed' });
          expect(train.signatures[0]!.replays).toBeGreaterThan(3);
          expect(test.signatures[0]).toMatchObject({ state: 'replayed' });
          expect(predict.signatures).toHaveLength(2);
          accelerated.dispose();
        }
      }
      close(records[1], records[0]);
      models.forEach((model) => model.dispose());
    });

    test('compiled anew, it trains by the new optimizer and loss', async () => {
      const models = [sequential(), sequential()] as const;
      const accelerated = conv.accelerate(models[1]);
      for (const model of models) {
        for (const [rate, loss] of [
          [0.1, 'categoricalCrossentropy'],
          [0.5, 'meanSquaredError'],
        ] as const) {
          model.compile({ optimizer: tf.train.sgd(rate), loss });
          await model.fit(images(1), labels(), { epochs: 3, batchSize: 8, shuffle: false });
          tf.dispose([model.evaluate(images(1), labels(), { batchSize: 8 }), model.predict(images(1))]);
          if (model !== models[1]) continue;
          const { train, test, predict } = accelerated.report();
          expect(train.signatures[0]).toMatchObject({ state: 'replayed' });
          expect([test.signatures.length, predict.signatures.length]).toEqual([2, 1]);
        }
      }
      const [a, b] = await Promise.all(
        models.map((model) => Promise.all(model.getWeights().map(async (weight) => [...(await weight.data())]))),
      );
      close(b, a);
      accelerated.dispose();
    });

    test('a dataset, and no tensor left behind', async () => {
      const model = sequential();
      model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
      const accelerated = conv.accelerate(model);
      const batches: unknown = tf.data
        .zip({
          xs: tf.data.array(Array.from({ length: 8 }, () => tf.ones([6, 6, 2]).arraySync())),
          ys: tf.data.array(Array.from({ length: 8 }, () => [1, 0, 0, 0])),
        })
        .batch(4);
      const data = batches as Parameters<tf.LayersModel['fitDataset']>[0];
      await model.fitDataset(data, { epochs: 4 });
      const before = tf.memory().numTensors;
      await model.fitDataset(data, { epochs: 2 });
      expect(tf.memory().numTensors).toBe(before);
      expect(accelerated.report().train.signatures[0]).toMatchObject({ state: 'replayed' });
      accelerated.dispose();
    });

    test('dropout of TensorFlow.js is replayed, with other numbers in every step', async () => {
      const model = tf.sequential({
        layers: [
          tf.layers.dense({ units: 64, inputShape: [4], kernelInitializer: 'ones', trainable: false }),
          tf.layers.dropout({ rate: 0.5 }),
          tf.layers.dense({ units: 1, kernelInitializer: 'ones', useBias: false }),
        ],
      });
      model.compile({ optimizer: tf.train.sgd(1e-12), loss: 'meanSquaredError' });
      const accelerated = conv.accelerate(model);
      const losses: number[] = [];
      for (let step = 0; step < 8; step++) {
        losses.push((await model.trainOnBatch(tf.ones([1, 4]), tf.zeros([1, 1]))) as number);
      }
      expect(accelerated.report().train.signatures[0]).toMatchObject({ state: 'replayed', replays: 6 });
      expect(new Set(losses).size).toBeGreaterThan(3);
      // 64 units of 4, each kept by half the steps and then doubled.
      for (const loss of losses) expect(Math.abs(Math.sqrt(loss) - 256)).toBeLessThan(128);
      accelerated.dispose();
    });

    test('refuses what is no model, and a model that is accelerated already', () => {
      const model = sequential();
      expect(() => conv.accelerate(3 as never)).toThrow('Cannot accelerate a model: ');
      const accelerated = conv.accelerate(model);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      expect(() => conv.accelerate(model)).toThrow('Cannot accelerate a model: it must not be accelerated already');
      accelerated.dispose();
      conv.accelerate(model).dispose();
    });
  },
  { where: ({ variant }) => variant === undefined },
);
