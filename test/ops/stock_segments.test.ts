/** `UnsortedSegmentSum` on wasm: the values of the cpu backend, and layers that could not train without it. */
import * as tf from '@tensorflow/tfjs';
import '../../src/index.js';
import { expectClose, values } from '../support/compare.js';
import { toTensor } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

const random = new Random(3);

/** The result of a call on cpu and on wasm. */
async function onBoth(call: () => tf.Tensor): Promise<void> {
  await scoped(async () => {
    await tf.setBackend('cpu');
    const want = await values(call());
    await tf.setBackend('wasm');
    const before = tf.engine().backend.numDataIds();
    const got = tf.tidy(call);
    await expectClose(got, want, 1e-6);
    got.dispose();
    expect(tf.engine().backend.numDataIds()).toBe(before);
  });
}

describe('UnsortedSegmentSum on wasm', () => {
  test.each([
    { shape: [6], ids: [0, 2, 2, 1, 0, 4], segments: 5 },
    { shape: [5, 3], ids: [1, 1, 1, 0, 1], segments: 2 },
    { shape: [4, 2, 3], ids: [-1, 3, 0, 7], segments: 4 },
    { shape: [0, 3], ids: [], segments: 2 },
    { shape: [3, 0], ids: [0, 1, 0], segments: 2 },
  ])('sums rows of $shape into $segments segments; ids out of range are ignored', async ({ shape, ids, segments }) => {
    const x = random.array(shape);
    await onBoth(() => tf.unsortedSegmentSum(toTensor(x), tf.tensor1d(ids, 'int32'), segments));
  });

  test('keeps integers', async () => {
    const call = (): tf.Tensor =>
      tf.unsortedSegmentSum(tf.tensor1d([1, 2, 2 ** 30], 'int32'), tf.tensor1d([1, 1, 0], 'int32'), 2);
    await onBoth(call);
    expect(tf.tidy(() => call().dtype)).toBe('int32');
  });

  test.each([0, 1, 2])('is the gradient of tf.gather along axis %d', async (axis) => {
    const [x, dy] = [random.array([3, 4, 2]), random.array([3, 4, 2].map((size, at) => (at === axis ? 5 : size)))];
    const ids = [0, 1, 1, 0, axis === 2 ? 1 : 2];
    await onBoth(() =>
      tf.grad((given) => tf.gather(given, tf.tensor1d(ids, 'int32'), axis))(toTensor(x), toTensor(dy)),
    );
  });

  test('lets an embedding learn', async () => {
    await tf.setBackend('wasm');
    const model = tf.sequential({
      layers: [tf.layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 4 }), tf.layers.flatten()],
    });
    model.compile({ optimizer: tf.train.sgd(1), loss: 'meanSquaredError' });
    const x = tf.tensor2d([0, 1, 2, 3, 4, 3, 2, 1], [2, 4]);
    const { history } = await model.fit(x, tf.ones([2, 12]), { epochs: 20 });
    const losses = history['loss'] as number[];
    expect(losses.at(-1)!).toBeLessThan(0.1 * losses[0]!);
  });
});
