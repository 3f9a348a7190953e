/** Analyses of models with batch normalisations that TensorFlow.js computes wrongly or cannot train: a public Inception-v3. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { randomizeWeights, randomTensor } from '../layers/support/layers.js';
import { expectClose } from '../support/compare.js';

/** Convolutions and normalisations as keras.applications has them in Inception-v3, of the host's layers or of ours. */
function network(kit: typeof tf.layers | typeof conv.layers, args: object): tf.LayersModel {
  const model = tf.sequential();
  ['a', 'b'].forEach((name, index) => {
    const convolution = { name: `conv_${name}`, filters: 6, kernelSize: 3, padding: 'same', useBias: false } as const;
    model.add(kit.conv2d({ ...convolution, ...(index === 0 ? { inputShape: [9, 8, 3] } : {}) }));
    model.add(kit.batchNormalization({ name: `bn_${name}`, momentum: 0.9, ...args }));
    model.add(tf.layers.activation({ name: `relu_${name}`, activation: 'relu' }));
  });
  model.layers.forEach((layer, index) => {
    randomizeWeights(layer, 10 * index);
  });
  return model;
}

const KINDS = [{ scale: false }, { center: false }, { axis: 1 }, { axis: 2 }, {}];

describe.each(['cpu', 'wasm'])('models with stock batch normalisations [%s]', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test.each(KINDS)('have the effective receptive field of ours: %j', async (args) => {
    const x = randomTensor(1, [2, 9, 8, 3]) as tf.Tensor4D;
    const options = { layer: 'relu_b', position: [4, 3] } as const;
    const want = await conv.effectiveReceptiveField(network(conv.layers, args), x, options);
    const got = await conv.effectiveReceptiveField(network(tf.layers, args), x, options);
    expect(Math.max(...want.map.flat())).toBeGreaterThan(0);
    want.map.flat().forEach((value, index) => {
      expect(got.map.flat()[index]).toBeCloseTo(value, 5);
    });
  });

  test.each(KINDS)('train after conversion to deformable layers, from the same outputs: %j', async (args) => {
    const stock = network(tf.layers, args);
    const x = randomTensor(2, [4, 9, 8, 3]);
    const converted = conv.convertToDeformable(stock, { layers: ['conv_b'] });
    const before = converted.predict(x) as tf.Tensor;
    await expectClose(before, network(conv.layers, args).predict(x) as tf.Tensor, 1e-4);
    expect(converted.layers.slice(1).map(({ name }) => name)).toEqual(stock.layers.map(({ name }) => name));
    // Training matches the same network of our layers.
    const ours = conv.convertToDeformable(network(conv.layers, args), { layers: ['conv_b'] });
    const losses: number[] = [];
    for (const model of [ours, converted]) {
      model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
      const { history } = await model.fit(x, tf.zerosLike(before), { epochs: 6, batchSize: 4, shuffle: false });
      losses.push(...(history['loss'] as number[]));
    }
    expect(losses.at(-1)!).toBeLessThan(0.95 * losses[0]!);
    for (const [index, weight] of converted.weights.entries()) {
      await expectClose(weight.read(), ours.weights[index]!.read(), 1e-3, weight.originalName);
    }
  });

  test.each(KINDS)('train as ours do after accelerateStockLayers(): %j', async (args) => {
    const restore = conv.accelerateStockLayers();
    try {
      const [stock, ours] = [network(tf.layers, args), network(conv.layers, args)];
      const x = randomTensor(2, [4, 9, 8, 3]);
      for (const model of [stock, ours]) {
        model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
        await model.fit(x, tf.ones([4, 9, 8, 6]), { epochs: 3, batchSize: 4, shuffle: false });
      }
      for (const [index, weight] of stock.weights.entries()) {
        await expectClose(weight.read(), ours.weights[index]!.read(), 1e-3, weight.originalName);
      }
    } finally {
      restore();
    }
  });
});
