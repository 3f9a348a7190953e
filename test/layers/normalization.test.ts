/** Normalization: values by its definition, also inverted and along other axes; test/interop compares it with Keras's. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('Normalization', {
  Layer: conv.Normalization,
  args: { mean: [0.1, 0.2, -0.3], variance: [1, 0.25, 4] },
  inputShapes: [[2, 4, 3, 3]],
  outputShape: [2, 4, 3, 3],
  trainable: {},
});

runLayerTest('Normalization, inverted, along rows', {
  Layer: conv.Normalization,
  args: { axis: 1, mean: 0.5, variance: [1, 2, 3, 4], invert: true },
  inputShapes: [[2, 4, 3, 3]],
  outputShape: [2, 4, 3, 3],
  trainable: {},
});

describeBackends('Normalization', ({ tolerance }) => {
  const X = [3, -1, 0.5, 8];
  const MEAN = [1, 2];
  const VARIANCE = [4, 0.25];

  test.each([false, true])('computes what it says along the last axis, inverted: %s', async (invert) => {
    const layer = conv.layers.normalization({ mean: MEAN, variance: VARIANCE, invert });
    const want = X.map((x, index) => {
      const [mean, deviation] = [MEAN[index % 2]!, Math.sqrt(VARIANCE[index % 2]!)];
      return invert ? x * deviation + mean : (x - mean) / deviation;
    });
    await expectClose(layer.apply(tf.tensor2d(X, [2, 2])) as tf.Tensor, tf.tensor2d(want, [2, 2]), tolerance);
  });

  test('takes one number for all, and other axes', async () => {
    const x = tf.tensor3d(X, [1, 2, 2]);
    const all = conv.layers.normalization({ mean: 1, variance: 4 }).apply(x) as tf.Tensor;
    await expectClose(all, tf.tensor3d(X.map((value) => (value - 1) / 2), [1, 2, 2]), tolerance); // prettier-ignore
    const rows = conv.layers.normalization({ axis: 1, mean: MEAN, variance: 1 }).apply(x) as tf.Tensor;
    await expectClose(rows, tf.tensor3d([2, -2, -1.5, 6], [1, 2, 2]), tolerance);
  });

  test('divides by 1e-7 at least, as Keras does', async () => {
    const y = conv.layers.normalization({ mean: 1, variance: 0 }).apply(tf.tensor2d([[1, 1.5]])) as tf.Tensor;
    await expectClose(tf.mul(y, 1e-7), tf.tensor2d([[0, 0.5]]), tolerance);
  });
});

describe('Normalization', () => {
  test('is counted as normalization, and reads one position', () => {
    const layers = [conv.layers.normalization({ mean: 0, variance: 1, inputShape: [3, 4, 5] })];
    const model = tf.sequential({ layers });
    expect(conv.cost(model).total.otherOps.normalization).toBe(60);
    expect(conv.receptiveField(model).layers.at(-1)!.size).toEqual([1, 1]);
  });

  test.each([
    [{ mean: [1, 2, 3] }, 'mean must be one number, or one for each of the 2 places along axis 1'],
    [{ variance: [1] }, 'variance must be one number, or one for each of the 2 places along axis 1'],
    [{ axis: 2 }, 'axis must be one of the axes 1 to 1 of the input, received axis = 2'],
    [{ variance: -1 }, 'variance must be a number of at least 0, received variance = -1'],
    [{ axis: 0 }, 'axis must not be the batch axis'],
    [{ mean: [] }, 'mean must be a number or a list of numbers'],
  ])('refuses %j', (options, message) => {
    const apply = (): unknown =>
      conv.layers.normalization({ mean: 0, variance: 1, ...options }).apply(tf.zeros([3, 2]));
    expect(apply).toThrow(message);
  });
});
