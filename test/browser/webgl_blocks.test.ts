/** Images in the form in which TensorFlow.js packs its own results, which depthwiseConv2d takes and returns as they are. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { scoped } from '../support/scoped.js';
import { host } from './webgl_host.js';

type Shape = [number, number, number, number];

const CASES: readonly (readonly [string, Shape, [number, number], conv.DepthwiseConv2DOptions])[] = [
  ['odd padding', [2, 6, 7, 8], [3, 3], { padding: 1 }],
  ['even padding', [1, 9, 8, 12], [5, 5], { padding: 2, activation: 'relu' }],
  ['more padding than width', [3, 16, 1, 4], [3, 3], { padding: [1, 3] }],
  ['padding on one side', [1, 6, 7, 4], [2, 4], { padding: [[1, 0], [3, 0]] }],
  ['rows apart', [2, 9, 6, 4], [3, 2], { strides: [2, 1], dilations: [2, 1], padding: [2, 1], activation: 'relu6' }],
  ['one column', [2, 5, 5, 8], [3, 1], { padding: [1, 0] }],
]; // prettier-ignore

/** Values of the host in its own form, and the same ones sent anew. */
function images(shape: Shape): { packed: tf.Tensor4D; plain: tf.Tensor4D } {
  const packed = tf.add<tf.Tensor4D>(tf.randomNormal(shape, 0, 1, 'float32', 1), 1);
  tf.add(packed, 1);
  expect(host().texData.get(packed.dataId).isPacked).toBe(true);
  return { packed, plain: tf.tensor4d(packed.dataSync(), shape) };
}

describeBackends('depthwiseConv2d() of packed images', (backend) => {
  test.each(CASES)('computes the same: %s', async (_, shape, [height, width], options) => {
    await scoped(async () => {
      const { packed, plain } = images(shape);
      const filter = tf.randomNormal<tf.Rank.R4>([height, width, shape[3], 1], 0, 1, 'float32', 2);
      const bias = tf.randomNormal<tf.Rank.R1>([shape[3]], 0, 1, 'float32', 3);
      const y = conv.depthwiseConv2d(packed, filter, { ...options, bias });
      const want = conv.depthwiseConv2d(plain, filter, { ...options, bias });
      const { isPacked, shape: stored } = host().texData.get(y.dataId);
      expect({ isPacked, stored }).toEqual({ isPacked: true, stored: y.shape });
      await expectClose(y, want, backend.tolerance);
      await expectClose(tf.sum(y, 3), tf.sum(want, 3), backend.tolerance);
      await expectClose(
        conv.depthwiseConv2d(y, filter, options),
        conv.depthwiseConv2d(want, filter, options),
        backend.tolerance,
      );
    });
  });

  test('is replayed', async () => {
    await scoped(async () => {
      const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 8, 1], 0, 1, 'float32', 2);
      const f = (x: tf.Tensor4D): tf.Tensor4D =>
        conv.depthwiseConv2d(tf.add<tf.Tensor4D>(x, 1), filter, { padding: 1 });
      const captured = conv.capture(f);
      for (let call = 0; call < 5; call++) {
        const x = tf.randomNormal<tf.Rank.R4>([1, 6, 7, 8], 0, 1, 'float32', call + 3);
        await expectClose(captured(x), f(x), backend.tolerance);
      }
      expect(captured.report().signatures.map(({ state, reason }) => [state, reason])).toEqual([
        ['replayed', undefined],
      ]);
      captured.dispose();
    });
  });

  test('skips what is outside, whatever the filter', async () => {
    await scoped(async () => {
      const { packed, plain } = images([1, 6, 7, 8]);
      const filter = tf
        .randomNormal<tf.Rank.R4>([3, 3, 8, 1], 0, 1, 'float32', 2)
        .div(tf.tensor4d([0, 1, 1, 1, 1, 1, 1, 1, 1], [3, 3, 1, 1]));
      const [y, want] = [packed, plain].map((x) => conv.depthwiseConv2d(x, filter as tf.Tensor4D, { padding: 1 }));
      expect(Array.from(await y!.data(), Number.isFinite)).toEqual(Array.from(await want!.data(), Number.isFinite));
    });
  });
});
