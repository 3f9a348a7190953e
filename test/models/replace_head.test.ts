/** A new head on a trained trunk: weights, flags, and models of every form of head. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { randomTensor } from '../layers/support/layers.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const SMALL = { inputShape: [32, 32, 3], classes: 4, downsampling: 2 };
const NETWORKS: Readonly<Record<string, [build: () => tf.LayersModel, head: string]>> = {
  mobileNetV1: [() => conv.mobileNetV1({ ...SMALL, alpha: 0.125, shallow: true }), 'conv_preds'],
  'a deformable mobileNetV1': [
    () => conv.mobileNetV1({ ...SMALL, alpha: 0.125, shallow: true, deformable: { last: 1 } }),
    'conv_preds',
  ],
  mobileNetV2: [() => conv.mobileNetV2({ ...SMALL, alpha: 0.125 }), 'predictions'],
  mobileNetV3Small: [() => conv.mobileNetV3Small({ ...SMALL, alpha: 0.125 }), 'logits'],
  squeezeNet: [() => conv.squeezeNet({ ...SMALL, alpha: 0.125 }), 'conv10'],
  mobileNetUNet: [
    () => conv.mobileNetUNet({ alpha: 0.125, inputShape: [32, 32, 3], classes: 4, filters: [8, 8, 8, 8] }),
    'logits',
  ],
};

/** Values of all weights by their own names, without those of a layer. */
function valuesOf(model: tf.LayersModel, without: string): Record<string, string> {
  const others = model.weights.filter(({ originalName }) => !originalName.startsWith(`${without}/`));
  return Object.fromEntries(others.map((weight) => [weight.originalName, String(weight.read().dataSync())]));
}

describe('replaceHead()', () => {
  test.each(Object.entries(NETWORKS))('keeps all weights but those of the head: %s', (_, [build, head]) => {
    const trained = build();
    trained.setWeights(trained.weights.map((weight, index) => randomTensor(index, weight.shape as number[])));
    const model = conv.replaceHead(trained, 3);
    expect(model.outputShape).toEqual([...(trained.outputShape as tf.Shape).slice(0, -1), 3]);
    expect(model.layers.map(({ name }) => name)).toEqual(trained.layers.map(({ name }) => name));
    expect(valuesOf(model, head)).toEqual(valuesOf(trained, head));
    expect((model.getLayer(head).output as tf.SymbolicTensor).shape.at(-1)).toBe(3);
    expect(model.trainableWeights).toHaveLength(trained.trainableWeights.length);
    const x = randomTensor(1, [1, 32, 32, 3]);
    expect((model.predict(x) as tf.Tensor).shape.at(-1)).toBe(3);
    [trained, model].forEach((each) => each.dispose());
  });

  test('gives the output another activation, in the head or behind it', () => {
    for (const name of ['mobileNetV1', 'mobileNetV2'] as const) {
      const trained = conv[name]({ ...SMALL, alpha: 0.125 });
      const model = conv.replaceHead(trained, 3, { activation: 'sigmoid' });
      const x = randomTensor(1, [1, 32, 32, 3]);
      const logits = conv.replaceHead(model, 3, { activation: 'linear' });
      logits.setWeights(model.getWeights());
      const [sigmoid, linear] = [model, logits].map((each) => (each.predict(x) as tf.Tensor).dataSync());
      sigmoid!.forEach((value, at) => {
        expect(value).toBeCloseTo(1 / (1 + Math.exp(-linear![at]!)), 5);
      });
      [trained, model, logits].forEach((each) => each.dispose());
    }
    const softmax = tf.sequential({
      layers: [tf.layers.dense({ units: 2, inputShape: [3] }), tf.layers.softmax()],
    });
    expect(() => conv.replaceHead(softmax, 2, { activation: 'sigmoid' })).toThrow('must be an option of a layer');
  });

  test('computes the same features in front of the head, and shares nothing with the model', () => {
    const trained = conv.mobileNetV2({ ...SMALL, alpha: 0.125 });
    const model = conv.replaceHead(trained, 4);
    const features = ({ inputs, layers }: tf.LayersModel): tf.LayersModel =>
      tf.model({ inputs, outputs: layers.at(-2)!.output });
    const x = randomTensor(1, [2, 32, 32, 3]);
    const read = (of: tf.LayersModel): Float32Array => (features(of).predict(x) as tf.Tensor).dataSync<'float32'>();
    const before = read(trained);
    expect(before.some((value) => value !== 0)).toBe(true);
    expect(read(model)).toEqual(before);
    model.setWeights(model.weights.map(({ shape }) => tf.zeros(shape as number[])));
    expect(read(trained)).toEqual(before);
  });

  const base = (): tf.LayersModel =>
    conv.mobileNetV1({ ...SMALL, alpha: 0.125, shallow: true, includeTop: false, pooling: 'avg' });
  const inFunctional = (): tf.LayersModel => {
    const input = tf.input({ shape: [32, 32, 3] });
    const outputs = tf.layers.dense({ name: 'head', units: 4 }).apply(base().apply(input)) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs });
  };
  const insideNested = (): tf.LayersModel => {
    const input = tf.input({ shape: [32, 32, 3] });
    const scores = conv.mobileNetV2({ ...SMALL, alpha: 0.125, classifierActivation: 'linear' }).apply(input);
    return tf.model({ inputs: input, outputs: tf.layers.softmax({}).apply(scores) as tf.SymbolicTensor });
  };
  const inSequential = (): tf.LayersModel =>
    tf.sequential({ layers: [base(), tf.layers.dropout({ rate: 0.5 }), tf.layers.dense({ name: 'head', units: 4 })] });

  test.each([
    ['a functional model on a nested trunk', inFunctional],
    ['a head within a nested model', insideNested],
    ['a tf.Sequential on a model', inSequential],
  ])('keeps frozen layers frozen, except the head: %s', async (_, build) => {
    const trained = build();
    conv.freeze(trained);
    const model = conv.replaceHead(trained, 5);
    expect(model.trainableWeights.map(({ shape }) => shape.at(-1))).toEqual([5, 5]);
    model.compile({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
    const kept = model.nonTrainableWeights.map((weight) => String(weight.read().dataSync()));
    const [x, y] = [randomTensor(1, [4, 32, 32, 3]), randomTensor(2, [4, 5])];
    await model.fit(x, y, { epochs: 1 });
    expect(model.nonTrainableWeights.map((weight) => String(weight.read().dataSync()))).toEqual(kept);
  });

  test('keeps the moving averages of frozen stock normalisations', async () => {
    const trained = tf.sequential({
      layers: [tf.layers.batchNormalization({ inputShape: [3], momentum: 0.5 }), tf.layers.dense({ units: 2 })],
    });
    conv.freeze(trained);
    const model = conv.replaceHead(trained, 3);
    model.compile({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
    await model.fit(tf.ones([4, 3]), tf.ones([4, 3]), { epochs: 2 });
    const mean = model.weights.find(({ originalName }) => originalName.endsWith('/moving_mean'))!;
    expect([...mean.read().dataSync()]).toEqual([0, 0, 0]);
  });

  test('copies weights of which a part is frozen to their places', () => {
    const trained = tf.sequential({
      layers: [tf.layers.dense({ units: 3, inputShape: [3] }), tf.layers.dense({ units: 2 })],
    });
    trained.predict(tf.zeros([1, 3]));
    const [kernel] = trained.layers[0]!.weights;
    kernel!.trainable = false;
    const model = conv.replaceHead(trained, 3);
    expect(model.layers[1]!.getWeights()[0]!.dataSync()).toEqual(kernel!.read().dataSync());
  });

  const ends = (...layers: tf.layers.Layer[]): tf.LayersModel =>
    tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [4, 4, 2] }), ...layers] });
  const two = (): tf.LayersModel => {
    const input = tf.input({ shape: [2] });
    const scores = ['a', 'b'].map((name) => tf.layers.dense({ name, units: 2 }).apply(input) as tf.SymbolicTensor);
    return tf.model({ inputs: input, outputs: scores });
  };
  const joined = (): tf.LayersModel => {
    const { inputs, outputs } = two();
    return tf.model({ inputs, outputs: tf.layers.add({ name: 'sum' }).apply(outputs) as tf.SymbolicTensor });
  };

  test.each([
    [() => ({}), 2, TypeError, 'Cannot replace the head: model must be a tf.LayersModel'],
    [joined, 0, RangeError, 'received classes = 0'],
    [joined, '2', TypeError, "received classes = '2'"],
    [joined, 1.5, RangeError, 'received classes = 1.5'],
    [joined, 3, RangeError, "one layer with weights must lead to the output, received layer = 'sum'"],
    [two, 3, RangeError, 'must have one output, received outputs = 2'],
    [() => ends(tf.layers.flatten()), 3, RangeError, 'one layer with weights must lead to the output'],
    [
      () => ends(tf.layers.batchNormalization({ name: 'norm' })),
      3,
      RangeError,
      "must be dense or a convolution without groups, received layer = 'norm'",
    ],
    [() => ends(conv.layers.conv2d({ name: 'last', filters: 2, kernelSize: 1, groups: 2 })), 3, RangeError, "= 'last'"],
    [
      () => ends(tf.layers.dense({ name: 'last', units: 2 }), tf.layers.flatten()),
      3,
      RangeError,
      "the layers behind 'last' must keep its number of classes, received classes = 48",
    ],
  ] as const)('refuses what has no head, by name (%#)', (build, classes, kind, message) => {
    const model = build();
    const tensors = tf.memory().numTensors;
    const attempt = (): unknown => conv.replaceHead(model as never, classes as never);
    expect(attempt).toThrow(kind);
    expect(attempt).toThrow(message);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
