/** weightedSum against its formula. */
import * as tf from '@tensorflow/tfjs';
import { weightedSum } from '../../src/ops/weighted_sum/op.js';
import { array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { toTensor } from '../support/gradient_check.js';
import { expectNoLeak } from '../support/memory.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

describeBackends('weightedSum()', () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 17, 1030])('adds every one of %d values', async (size) => {
    const random = new Random(size);
    const [a, b] = [random.array([size]), random.array([size])];
    await scoped(async () => {
      const sum = weightedSum(toTensor(a), toTensor(b), 0.99, -0.25);
      await expectClose(
        sum,
        array64([size], (index) => a.data[index]! * 0.99 - b.data[index]! * 0.25),
        1e-6,
      );
    });
  });

  test('keeps the shape, leaves its inputs as they were and nothing behind', async () => {
    const random = new Random(60);
    const inputs = [random.array([4, 3]), random.array([4, 3])].map(toTensor) as [tf.Tensor, tf.Tensor];
    const before = await Promise.all(inputs.map((tensor) => tensor.array()));
    expectNoLeak(() => weightedSum(...inputs, 0.5, 2));
    const sum = weightedSum(...inputs, 0.5, 2);
    expect(sum.shape).toEqual([4, 3]);
    expect(await Promise.all(inputs.map((tensor) => tensor.array()))).toEqual(before);
    tf.dispose([...inputs, sum]);
  });
});
