/** Dropout: active in training alone, masks by seed and call, Keras's arguments, and networks saved with the stock layer. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64 } from '../oracle/array64.js';
import { dropout } from '../oracle/dropout.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, expectSameBits } from '../support/compare.js';
import { callLayer, expectRefusal, loadModel, randomTensor, saveModel } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('Dropout', {
  Layer: conv.Dropout,
  args: { rate: 0.1 },
  inputShapes: [[2, 4, 3, 5]],
  outputShape: [2, 4, 3, 5],
  trainable: {},
});

runLayerTest('Dropout, of whole channels, with a seed', {
  Layer: conv.Dropout,
  args: { rate: 0.3, noiseShape: [null, 1, 1, 8], seed: 3 },
  inputShapes: [[3, 4, 2, 8]],
  outputShape: [3, 4, 2, 8],
  trainable: {},
});

describeBackends('Dropout', ({ tolerance }) => {
  it('returns its input in inference mode, and with a rate of 0', async () => {
    const x = randomTensor(1, [3, 7]);
    await expectSameBits(callLayer(conv.layers.dropout({ rate: 0.9 }), x), x);
    await expectSameBits(callLayer(conv.layers.dropout({ rate: 0 }), x, true), x);
  });

  it('uses the key (seed, number of the training call), for inputs of any rank', async () => {
    const [rate, seed] = [0.4, 0xfffffffe];
    const layer = conv.layers.dropout({ rate, seed });
    for (const [call, shape] of [[5], [2, 3], [2, 3, 4], [1, 2, 3, 4, 5]].entries()) {
      const x = randomTensor(call, shape);
      callLayer(layer, x);
      const data = await x.data();
      const wanted = dropout(
        array64(shape, (index) => data[index]!),
        { rate, key: [seed, call], noiseShape: shape },
      );
      await expectClose(callLayer(layer, x, true), wanted, tolerance);
      // Only the rank of the first input is fixed by the host's graph, not by the layer.
      layer.built = false;
    }
  });

  it('draws from Math.random() without a seed', async () => {
    const layer = conv.layers.dropout({ rate: 0.5 });
    const x = tf.ones([200]);
    const masks = await Promise.all([1, 2, 3].map(async () => (await callLayer(layer, x, true).data()).join()));
    expect(new Set(masks).size).toBe(3);
  });
});

describe('Dropout', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('has no multiply-adds and a receptive field of one position', () => {
    const model = tf.sequential({ layers: [conv.layers.dropout({ rate: 0.5, inputShape: [5, 4, 6] })] });
    expect(conv.cost(model)).toMatchObject({ total: { macs: 0, params: { trainable: 0 } }, uncounted: [] });
    expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ size: [1, 1], global: false });
  });

  it('is a layer like the stock one to the analyses', () => {
    const report = (kit: typeof tf.layers | typeof conv.layers): string => {
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({ name: 'a', filters: 2, kernelSize: 3, inputShape: [6, 5, 1] }),
          kit.dropout({ name: 'b', rate: 0.5 }),
          tf.layers.conv2d({ name: 'c', filters: 2, kernelSize: 2 }),
        ],
      });
      const [{ layers }, { total }] = [conv.receptiveField(model), conv.cost(model)];
      return JSON.stringify([layers.map(({ name, size, stride }) => [name, size, stride]), total]);
    };
    expect(report(conv.layers)).toBe(report(tf.layers));
  });

  it('takes the place of the stock layer in a network saved with that one', async () => {
    const build = (kit: typeof tf.layers | typeof conv.layers): tf.LayersModel =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 4, inputShape: [3] }),
          kit.dropout({ name: 'dropout', rate: 0.5 }),
          tf.layers.dense({ units: 2 }),
        ],
      });
    const stock = build(tf.layers);
    const loaded = await loadModel(await saveModel(stock));
    expect(loaded.getLayer('dropout').getClassName()).toBe('Dropout');
    const ours = build(conv.layers);
    ours.setWeights(loaded.getWeights());
    const x = randomTensor(4, [5, 3]);
    const [a, b, c] = [stock, loaded, ours].map((model) => model.predict(x) as tf.Tensor);
    await expectSameBits(b!, a!);
    await expectSameBits(c!, a!);
  });

  it('rejects wrong rates, seeds and shapes of the mask', () => {
    const build =
      (args: object): (() => conv.Dropout) =>
      () =>
        conv.layers.dropout(args as conv.DropoutArgs);
    expectRefusal(build({ rate: 1, name: 'mine' }), RangeError, "Cannot build layer 'mine': rate must be a number of");
    expectRefusal(build({}), TypeError, 'received rate = undefined');
    expectRefusal(build({ rate: 0.5, seed: 0.5 }), RangeError, 'received seed = 0.5');
    expectRefusal(build({ rate: 0.5, noiseShape: 'text' }), TypeError, "received noiseShape = 'text'");
    const layer = conv.layers.dropout({ name: 'mine', rate: 0.5, noiseShape: [null, 1, 4] });
    expectRefusal(
      () => layer.apply(tf.input({ shape: [2, 3] })),
      RangeError,
      "Cannot build layer 'mine': noiseShape must have 1, null or the length of x for each axis of x, [null, 2, 3], received noiseShape = [null, 1, 4]",
    );
  });
});
