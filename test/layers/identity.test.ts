/** Identity: unchanged values and gradients, without a copy. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';
import { expectRefusal, randomTensor } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('Identity', {
  Layer: conv.Identity,
  args: {},
  inputShapes: [[2, 4, 3, 5]],
  outputShape: [2, 4, 3, 5],
  trainable: {},
});

describeBackends('Identity', () => {
  it('returns values of any rank in a new tensor', async () => {
    const layer = conv.layers.identity();
    for (const shape of [[3], [2, 3], [2, 3, 4]]) {
      const x = randomTensor(1, shape);
      const y = layer.apply(x) as tf.Tensor;
      await expectSameBits(y, x);
      const wanted = await y.data();
      x.dispose();
      expect(await y.data()).toEqual(wanted);
      y.dispose();
    }
  });

  it('allocates no memory for values, forward and backward', () => {
    const [x, dy] = [randomTensor(1, [4, 5]), randomTensor(2, [4, 5])];
    const layer = conv.layers.identity();
    const before = tf.engine().backend.numDataIds();
    const y = layer.apply(x) as tf.Tensor;
    const dx = tf.grad((image) => layer.apply(image) as tf.Tensor)(x, dy);
    expect(tf.engine().backend.numDataIds()).toBe(before);
    tf.dispose([x, y, dx, dy]);
  });
});

describe('Identity', () => {
  it('has no multiply-adds and a receptive field of one position', () => {
    const model = tf.sequential({ layers: [conv.layers.identity({ inputShape: [5, 4, 6] })] });
    expect(conv.cost(model)).toMatchObject({ total: { macs: 0, params: { trainable: 0 } }, uncounted: [] });
    expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ size: [1, 1], global: false });
  });

  it('rejects unknown options', () => {
    expectRefusal(() => new conv.Identity({ units: 3 } as object), TypeError, 'units');
  });
});
