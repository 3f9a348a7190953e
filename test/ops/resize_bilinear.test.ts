/** resizeBilinear: values and gradients against its formula, and cases with a simple result. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64 } from '../oracle/array64.js';
import { resizeBilinear } from '../oracle/resize_bilinear.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { checkOp, toTensor } from '../support/gradient_check.js';
import { expectNoLeak } from '../support/memory.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

describeBackends('resizeBilinear()', (backend) => {
  test.each([
    { from: [3, 4], to: [6, 12] },
    { from: [5, 3], to: [17, 11] },
    { from: [7, 6], to: [3, 4] },
    { from: [4, 5], to: [4, 5] },
    { from: [1, 2], to: [3, 1] },
    { from: [9, 1], to: [2, 5] },
  ] as const)('makes $from pixels $to as its formula says, in value and gradient', async ({ from, to }) => {
    await checkOp(
      {
        inputs: { x: new Random(from[0]).array([2, ...from, 3]) },
        run: ({ x }) => conv.resizeBilinear(x as tf.Tensor4D, to),
        oracle: ({ x }) => resizeBilinear(x, to),
      },
      backend.tolerance,
    );
  });

  test('can be differentiated twice', async () => {
    const x = new Random(1).array([1, 2, 3, 2]);
    await scoped(async () => {
      // y² / 2 of a linear y = R·x has the second derivative RᵀR, which ones meet in the row sums of RᵀR.
      const half = (image: tf.Tensor): tf.Tensor =>
        tf.mul(tf.square(conv.resizeBilinear(image as tf.Tensor4D, [4, 6])), 0.5);
      const second = tf.grad((image) => tf.grad(half)(image))(toTensor(x));
      // Every pixel becomes four, each of weight one in all.
      const weights = tf.grad((image) => conv.resizeBilinear(image as tf.Tensor4D, [4, 6]))(toTensor(x));
      await expectClose(second, weights, 10 * backend.tolerance);
      await expectClose(
        tf.sum(second),
        array64([], () => 4 * x.data.length),
        10 * backend.tolerance,
      );
    });
  });

  test('keeps the rank of a 3-D image and an empty batch, and leaves no tensor behind', () => {
    tf.tidy(() => {
      expect(conv.resizeBilinear(tf.zeros<tf.Rank.R3>([2, 3, 4]), [5, 6]).shape).toEqual([5, 6, 4]);
      expect(conv.resizeBilinear(tf.zeros<tf.Rank.R4>([0, 2, 3, 4]), [5, 6]).shape).toEqual([0, 5, 6, 4]);
      const x = tf.ones<tf.Rank.R4>([1, 2, 3, 1]);
      expectNoLeak(() => conv.resizeBilinear(x, [4, 5]));
      expectNoLeak(() => tf.grad((image) => conv.resizeBilinear(image as tf.Tensor4D, [4, 5]))(x));
    });
  });
});

describe('resizeBilinear()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('rejects arguments other than an image and a size', () => {
    const x = tf.zeros<tf.Rank.R4>([1, 2, 2, 1]);
    const attempt =
      (size: unknown, image: unknown = x) =>
      (): unknown =>
        conv.resizeBilinear(image as tf.Tensor4D, size as [number, number]);
    expect(attempt([0, 2])).toThrow(
      new RangeError('Cannot run resizeBilinear: size must be an integer of at least 1, received size = 0'),
    );
    expect(attempt(4)).toThrow(
      new TypeError('Cannot run resizeBilinear: size must be [height, width], received size = 4'),
    );
    expect(attempt([2, 2], tf.zeros([2, 2]))).toThrow('received x.shape = [2, 2]');
    expect(attempt([2, 2], tf.zeros([1, 2, 2, 1], 'int32'))).toThrow("received x.dtype = 'int32'");
  });
});
