/** Models trained with less memory beside equal models trained as usual. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { Random, withSeed } from '../../src/training/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';

type Tensor = tf.SymbolicTensor;

const SIDE = 8;
const input = (): Tensor => tf.input({ shape: [SIDE, SIDE, 3] });
const conv3 = (filters: number, args: object = {}): tf.layers.Layer =>
  conv.layers.conv2d({ filters, kernelSize: 3, padding: 'same', ...args });
const apply = (layer: tf.layers.Layer, ...x: Tensor[]): Tensor => layer.apply(x.length === 1 ? x[0]! : x) as Tensor;
const classify = (x: Tensor): Tensor =>
  apply(tf.layers.dense({ units: 3, activation: 'softmax' }), apply(tf.layers.globalAveragePooling2d({}), x));

/** Eight normalised convolutions. */
function chain(x: Tensor, count = 8): Tensor {
  let y = x;
  for (let index = 0; index < count; index++) {
    y = apply(conv.layers.batchNormalization({ activation: 'relu' }), apply(conv3(4, { useBias: false }), y));
  }
  return y;
}

/** Networks, by what is special in their graphs. */
const NETWORKS: Readonly<Record<string, () => tf.LayersModel>> = {
  'a sequential model': () =>
    tf.sequential({
      layers: [
        conv3(4, { inputShape: [SIDE, SIDE, 3] }),
        ...Array.from({ length: 6 }, () => conv3(4, { activation: 'relu' })),
        conv.layers.dropout({ rate: 0.3 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, activation: 'softmax', kernelRegularizer: 'l1l2' }),
      ],
    }),
  'normalisations and moving averages': () => {
    const x = input();
    return tf.model({ inputs: x, outputs: classify(chain(x)) });
  },
  'layers of TensorFlow.js': () => {
    const x = input();
    let y = x;
    for (let index = 0; index < 5; index++) {
      y = apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }), y);
      y = apply(tf.layers.dropout({ rate: 0.2 }), apply(tf.layers.batchNormalization(), y));
    }
    return tf.model({ inputs: x, outputs: classify(y) });
  },
  'tensors that many layers read': () => {
    const x = input();
    const maps = [apply(conv3(4), x)];
    for (let index = 0; index < 5; index++) {
      const all = maps.length === 1 ? maps[0]! : apply(tf.layers.concatenate(), ...maps);
      maps.push(apply(conv3(4, { activation: 'relu' }), apply(conv.layers.batchNormalization({}), all)));
    }
    return tf.model({ inputs: x, outputs: classify(apply(tf.layers.concatenate(), ...maps)) });
  },
  'skips over many layers': () => {
    const x = input();
    const fine = chain(x, 2);
    const coarse = chain(apply(tf.layers.maxPooling2d({ poolSize: 2 }), fine), 4);
    const up = apply(conv.layers.upSampling2d({}), coarse);
    return tf.model({ inputs: x, outputs: classify(chain(apply(tf.layers.concatenate(), fine, up), 2)) });
  },
  'two inputs and two outputs, one of them in the middle': () => {
    const [a, b] = [input(), input()];
    const middle = chain(apply(tf.layers.add(), apply(conv3(4), a), apply(conv3(4), b)), 4);
    return tf.model({ inputs: [a, b], outputs: [classify(middle), classify(chain(middle, 4))] });
  },
  'a frozen model in it': () => {
    const x = input();
    const base = tf.model({ inputs: x, outputs: chain(x) });
    conv.freeze(base, { upTo: base.layers[6]!.name });
    return tf.sequential({
      layers: [base, conv3(4), tf.layers.flatten(), tf.layers.dense({ units: 3, activation: 'softmax' })],
    });
  },
};

/** Networks for the backends that are slow here or do not repeat their results. */
const EVERYWHERE = ['normalisations and moving averages', 'skips over many layers'];

const COUNT = 10;
const images = (seed: number): tf.Tensor => tf.randomUniform([COUNT, SIDE, SIDE, 3], -1, 1, 'float32', seed);
const labels = (): tf.Tensor =>
  tf
    .oneHot(
      tf.tensor1d(
        Array.from({ length: COUNT }, (_, index) => index % 3),
        'int32',
      ),
      3,
    )
    .toFloat();

interface Fitted {
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly weights: tf.Tensor[];
  readonly state: string;
  /** Number of tensors more than before, without the weights. */
  readonly left: number;
}

/** Trains a model from a seed; batches of four, so that the last one is smaller. */
async function fit(make: () => tf.LayersModel, memory: 'normal' | 'low'): Promise<Fitted> {
  const before = tf.memory().numTensors;
  const model = withSeed(new Random(1, 'initialization'), make);
  const optimizer = tf.train.momentum(0.1, 0.9);
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const accelerated = conv.accelerate(model, { memory });
  const x = model.inputs.map((_, index) => images(index + 1));
  const y = model.outputs.map(() => labels());
  const random = new Random(2, 'step');
  const { random: usual } = Math;
  Math.random = () => random.uniform();
  const { history } = await model.fit(x, y, { epochs: 6, batchSize: 4, shuffle: false });
  Math.random = usual;
  const { state } = accelerated.report().train.signatures[0]!;
  const weights = model.getWeights().map((weight) => weight.clone());
  accelerated.dispose();
  model.dispose();
  optimizer.dispose();
  tf.dispose([x, y]);
  const left = tf.memory().numTensors - before - weights.length;
  return { history: history as Record<string, number[]>, weights, state, left };
}

describeBackends(
  "accelerate(model, { memory: 'low' })",
  ({ repeatable }) => {
    const networks = Object.entries(NETWORKS).filter(([name]) => repeatable || EVERYWHERE.includes(name));
    test.each(networks)('trains %s to the same weights', async (_, make) => {
      const [low, normal] = [await fit(make, 'low'), await fit(make, 'normal')];
      if (repeatable) {
        // Names of outputs differ.
        expect(Object.values(low.history)).toEqual(Object.values(normal.history));
        for (const [index, weight] of low.weights.entries()) {
          await expectSameBits(weight, normal.weights[index]!, `weight ${index}`);
        }
      }
      // Elsewhere, weights without any influence on the loss, such as biases before a normalisation, take up noise.
      for (const [index, loss] of low.history['loss']!.entries()) {
        expect(Math.abs(loss - normal.history['loss']![index]!)).toBeLessThan(1e-3);
      }
      expect([low.state, normal.state]).toEqual(['replayed', 'replayed']);
      // The host's optimizer leaves some.
      expect(low.left).toBe(normal.left);
      tf.dispose([...low.weights, ...normal.weights]);
    });

    it('needs less memory in a step', async () => {
      const peaks: Record<string, number> = {};
      for (const memory of ['normal', 'low'] as const) {
        const x = input();
        const model = tf.model({ inputs: x, outputs: classify(chain(x, 24)) });
        model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
        const accelerated = conv.accelerate(model, { memory });
        const [batch, targets] = [images(1), labels()];
        const before = tf.memory().numBytes;
        const { peakBytes } = await tf.profile(async () => {
          await model.trainOnBatch(batch, targets);
        });
        peaks[memory] = peakBytes - before;
        accelerated.dispose();
        model.dispose();
        tf.dispose([batch, targets]);
      }
      expect(peaks['low']!).toBeLessThan(0.45 * peaks['normal']!);
    });
  },
  { where: ({ variant }) => variant === undefined },
);

test('a model is as before once it is no longer accelerated', () => {
  const model = withSeed(new Random(1, 'initialization'), NETWORKS['normalisations and moving averages']!);
  const before = Object.entries(model);
  conv.accelerate(model, { memory: 'low' }).dispose();
  expect(Object.entries(model)).toEqual(before);
  const x = images(1);
  expect(tf.tidy(() => (model.predict(x) as tf.Tensor).shape)).toEqual([COUNT, 3]);
  x.dispose();
  model.dispose();
});

test('accelerate() refuses less memory for a layer that computes masks', () => {
  const model = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 4, name: 'words' }),
      tf.layers.lstm({ units: 2 }),
    ],
  });
  expect(() => conv.accelerate(model, { memory: 'low' })).toThrow(
    new RangeError(
      "Cannot accelerate a model: layers must compute no masks with memory = 'low', received layer = 'words'",
    ),
  );
  conv.accelerate(model).dispose();
});
