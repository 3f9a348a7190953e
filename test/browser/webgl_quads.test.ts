/** Tensors that the WebGL kernels store as texels of four elements, as the operators of TensorFlow.js see them. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { runWebGLSingle } from '../../src/backends/webgl/adapter.js';
import { shader } from '../../src/backends/webgl/shader.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { scoped } from '../support/scoped.js';
import { host } from './webgl_host.js';

/** A result of this package in texels of four, and the same values from the CPU. */
function results(shape: [number, number, number, number]): { quads: tf.Tensor4D; plain: tf.Tensor4D } {
  const x = tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', 1);
  const quads = conv.depthwiseConv2d(x, tf.ones([1, 1, shape[3], 1]));
  expect(host().texData.get(quads.dataId).isPacked).toBe(true);
  return { quads, plain: tf.tensor4d(x.dataSync(), shape) };
}

const SHAPES: readonly [number, number, number, number][] = [
  [2, 6, 5, 8],
  [1, 1, 1, 4],
  [3, 5, 7, 12],
];

const OPERATORS: readonly (readonly [string, (x: tf.Tensor4D) => tf.Tensor])[] = [
  ['add()', (x) => tf.add(x, 1)],
  ['mul() with itself', (x) => tf.mul(x, x)],
  ['relu()', (x) => tf.relu(x)],
  ['sum()', (x) => tf.sum(x, [1, 2])],
  ['max()', (x) => tf.max(x, 3)],
  ['reshape()', (x) => tf.reshape(x, [x.shape[0], -1])],
  ['reshape() to columns and add()', (x) => tf.add(tf.reshape(x, [-1, 2]), 1)],
  ['reshape() to texels and add()', (x) => tf.add(tf.reshape(x, [-1, 2, 2]), 1)],
  ['reshape() to a vector and slice()', (x) => tf.slice(tf.reshape(x, [-1]), 1, 3)],
  ['transpose()', (x) => tf.transpose(x, [3, 1, 0, 2])],
  ['slice()', (x) => tf.slice(x, [0, 0, 0, 1], [-1, -1, -1, 3])],
  ['concat()', (x) => tf.concat([x, tf.add(x, 2)], 3)],
  ['pad()', (x) => tf.pad(x, [[0, 0], [1, 0], [0, 2], [1, 1]])],
  ['gather()', (x) => tf.gather(x, [2, 0, 1], 3)],
  ['matMul()', (x) => tf.matMul(tf.reshape(x, [-1, x.shape[3]]), tf.ones([x.shape[3], 3]))],
  ['conv2d()', (x) => tf.conv2d(x, tf.ones([1, 1, x.shape[3], 2]), 1, 'valid')],
  ['maxPool()', (x) => tf.maxPool(x, 2, 1, 'same')],
  ['cast()', (x) => tf.cast(x, 'int32')],
  ['clone()', (x) => tf.clone(x)],
]; // prettier-ignore

describeBackends('Tensors in texels of four', (backend) => {
  test.each(SHAPES.flatMap((shape) => OPERATORS.map(([name, run]) => ({ name, run, shape }))))(
    'of shape $shape are read by tf.$name',
    async ({ run, shape }) => {
      await scoped(async () => {
        const { quads, plain } = results(shape);
        await expectClose(run(quads), run(plain), backend.tolerance);
      });
    },
  );

  test.each(SHAPES)('keep their values when they are read and used again: %j × %j × %j × %j', async (...shape) => {
    await scoped(async () => {
      const { quads, plain } = results(shape);
      await expectClose(quads, plain, backend.tolerance);
      await expectClose(tf.add(quads, 1), tf.add(plain, 1), backend.tolerance);
      await expectClose(conv.depthwiseConv2d(quads, tf.ones([1, 1, shape[3], 1])), plain, backend.tolerance);
    });
  });
});

describeBackends('Shaders', () => {
  test('divide by quotient() as by the operator', async () => {
    const numerators = [0, 1, 2, 7, 63, 64, 65, 4095, 65535, 65537, 2 ** 24 - 1, 2 ** 24 + 1, 2 ** 29 + 3, 2 ** 30 - 1];
    const denominators = [1, 2, 3, 5, 7, 9, 63, 64, 1000, 4097, 65535, 2 ** 24 + 1, 2 ** 29 - 1, 2 ** 30 - 1];
    // Around multiples too, where an estimate is off by one.
    const pairs = denominators.flatMap((b) =>
      numerators.flatMap((a) => [a, a - (a % b), Math.max(0, a - (a % b) - 1)].map((near) => [near, b] as const)),
    );
    const divide = shader(
      'flat',
      {},
      ['a', 'b', 'low'],
      `
float value(int index) {
  int result = quotient(a, b);
  return float(low == 1 ? result & 0xffff : result >> 16);
}`,
    );
    const wrong: unknown[] = [];
    for (const [a, b] of pairs) {
      const parts = [0, 1].map((low) => {
        const info = runWebGLSingle({ inputs: {}, attrs: {}, backend: tf.backend() }, (call) => {
          call.draw(divide, { inputs: {}, ints: { a, b, low }, target: call.output([1]) });
        });
        return tf.engine().makeTensorFromTensorInfo(info);
      });
      const [high, low] = await Promise.all(parts.map(async (part) => (await part.data())[0]!));
      tf.dispose(parts);
      if (high! * 65536 + low! !== Math.floor(a / b)) wrong.push([a, b, high! * 65536 + low!]);
    }
    expect(wrong).toEqual([]);
  });
});
