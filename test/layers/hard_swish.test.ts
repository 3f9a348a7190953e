/** HardSwish: values and derivatives by its definition. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('HardSwish', {
  Layer: conv.HardSwish,
  args: {},
  inputShapes: [[2, 4, 3, 5]],
  outputShape: [2, 4, 3, 5],
  trainable: {},
});

describeBackends('HardSwish', ({ tolerance }) => {
  const X = [-7, -3, -2.5, -1.5, -0.25, 0, 0.75, 2, 2.875, 3, 11];

  it('is x · relu6(x + 3) / 6', async () => {
    const y = conv.layers.hardSwish().apply(tf.tensor1d(X)) as tf.Tensor;
    await expectClose(y, tf.tensor1d(X.map((x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6)), tolerance);
  });

  it('has the exact derivative', async () => {
    const layer = conv.layers.hardSwish();
    const weight = tf.tensor1d(X.map((_, index) => index + 1));
    const slope = tf.grad((x) => tf.sum(tf.mul(layer.apply(x) as tf.Tensor, weight)))(tf.tensor1d(X));
    const wanted = X.map((x, index) => (index + 1) * (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5));
    await expectClose(slope, tf.tensor1d(wanted), tolerance);
  });
});

describe('HardSwish', () => {
  it('is counted as an activation', () => {
    const model = tf.sequential({ layers: [conv.layers.hardSwish({ inputShape: [3, 4, 5] })] });
    expect(conv.cost(model).total.otherOps.activation).toBe(60);
  });

  it('rejects options', () => {
    expect(() => conv.layers.hardSwish({ slope: 2 } as object)).toThrow(TypeError);
  });
});
