/** weightedSums against its formula. */
import * as tf from '@tensorflow/tfjs';
import { weightedSums } from '../../src/ops/weighted_sums/op.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { toTensor } from '../support/gradient_check.js';
import { expectNoLeak } from '../support/memory.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

describeBackends('weightedSums()', () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 17, 1030])('adds every one of %d values, for each pair', async (size) => {
    const random = new Random(size);
    const [a, b, c, d] = [size, size, 3, 3].map((length) => random.array([length])) as [
      Array64,
      Array64,
      Array64,
      Array64,
    ];
    await scoped(async () => {
      const [first, second] = weightedSums([toTensor(a), toTensor(c)], [toTensor(b), toTensor(d)], 0.99, -0.25);
      await expectClose(first!, sumOf(a, b, 0.99, -0.25), 1e-6, 'first');
      await expectClose(second!, sumOf(c, d, 0.99, -0.25), 1e-6, 'second');
    });
  });

  test('keeps the shapes, leaves its inputs as they were and nothing behind', async () => {
    const random = new Random(60);
    const inputs = [random.array([4, 3]), random.array([4, 3])].map(toTensor) as [tf.Tensor, tf.Tensor];
    const before = await Promise.all(inputs.map((tensor) => tensor.array()));
    const run = (): tf.Tensor[] => weightedSums([inputs[0]], [inputs[1]], 0.5, 2);
    expectNoLeak(run);
    const sums = run();
    expect(sums.map(({ shape }) => shape)).toEqual([[4, 3]]);
    expect(await Promise.all(inputs.map((tensor) => tensor.array()))).toEqual(before);
    tf.dispose([...inputs, ...sums]);
  });
});

function sumOf(a: Array64, b: Array64, weightA: number, weightB: number): Array64 {
  return array64(a.shape, (index) => a.data[index]! * weightA + b.data[index]! * weightB);
}

describe('weightedSums()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('refuses pairs of unequal shapes, kinds or types', () => {
    for (const wrong of [tf.ones([3]), tf.ones([5]), tf.ones([2, 2]), tf.ones([4, 1]), tf.ones([4], 'int32')]) {
      expect(() => weightedSums([tf.ones([2]), tf.ones([4])], [tf.ones([2]), wrong], 1, 1)).toThrow(
        'Cannot run weightedSums: b[1] must',
      );
    }
  });

  test.each([
    [0, 0],
    [1, 0],
    [1, 2],
    [2, 1],
  ])('refuses lists of %d and %d', (a, b) => {
    const list = (count: number): tf.Tensor[] => Array.from({ length: count }, () => tf.ones([2]));
    expect(() => weightedSums(list(a), list(b), 1, 1)).toThrow(
      'a and b must be lists of equal length, with at least one tensor each',
    );
  });

  test.each([[[]], [[1]], [[1, 2, 3]]])('refuses the weights %j of two pairs', (weights) => {
    const pairs = [tf.ones([2]), tf.ones([3])];
    expect(() => weightedSums(pairs, pairs, weights, 1)).toThrow(
      `Cannot run weightedSums: weightA must have a weight for each of 2 pairs, received weightA.length = ${weights.length}`,
    );
    expect(() => weightedSums(pairs, pairs, 1, () => weights)).toThrow(
      'weightB must have a weight for each of 2 pairs',
    );
  });
});
