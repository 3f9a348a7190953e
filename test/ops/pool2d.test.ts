/** maxPool2d and avgPool2d against the float64 oracle: value and gradient, over all backends. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, type Array64 } from '../oracle/array64.js';
import * as oracle from '../oracle/pool2d.js';
import type { Pool2DOptions } from '../oracle/pool2d.js';
import { describeGuarded } from '../support/backends.js';
import { expectClose, expectSameBits } from '../support/compare.js';
import { checkOp, toTensor } from '../support/gradient_check.js';
import type { Shape4 } from '../support/inputs.js';
import { expectNoLeak } from '../support/memory.js';
import { pool2dCase } from '../support/ops.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const WINDOWS: readonly [title: string, x: Shape4, options: Pool2DOptions][] = [
  ['strides by default those of poolSize', [2, 6, 5, 3], { poolSize: [3, 2] }],
  ['a number for both axes', [2, 7, 5, 3], { poolSize: 2 }],
  ['overlapping windows', [2, 5, 6, 3], { poolSize: [3, 2], strides: [1, 2] }],
  [
    "padding 'same', the average whose gradient the host has wrong",
    [1, 5, 5, 1],
    { poolSize: 3, strides: 2, padding: 'same' },
  ],
  ["padding 'same' that is uneven", [2, 6, 7, 5], { poolSize: [4, 3], strides: [3, 2], padding: 'same' }],
  ["padding 'same' with stride 1, as Inception has it", [1, 4, 5, 6], { poolSize: 3, strides: 1, padding: 'same' }],
  ["'same' with a window below the stride", [1, 8, 7, 3], { poolSize: [1, 2], strides: [2, 3], padding: 'same' }],
  ["padding 'valid'", [2, 5, 6, 3], { poolSize: [2, 3], strides: [1, 2], padding: 'valid' }],
  ['padding in numbers', [2, 5, 6, 3], { poolSize: [3, 2], strides: 2, padding: [2, 1] }],
  [
    'padding on four sides',
    [1, 4, 6, 5],
    {
      poolSize: [3, 4],
      strides: [2, 1],
      padding: [
        [2, 1],
        [0, 3],
      ],
    },
  ],
  ['stride above the window', [1, 9, 8, 2], { poolSize: [2, 1], strides: [4, 3] }],
  ['stride above the window, padded', [1, 9, 8, 2], { poolSize: [2, 3], strides: [3, 5], padding: 1 }],
  ['a window larger than the image', [1, 2, 3, 2], { poolSize: [5, 4], strides: 1, padding: [3, 2] }],
  ['a window a little larger than the image', [1, 4, 6, 2], { poolSize: [5, 7], strides: [1, 2], padding: 'same' }],
  ['a window much larger than the image', [2, 1, 1, 3], { poolSize: [9, 7], padding: 'same' }],
  ['a window over the whole image', [2, 4, 3, 5], { poolSize: [4, 3] }],
  ['a strip', [1, 9, 1, 2], { poolSize: [4, 1], strides: [2, 1], padding: [2, 0] }],
  ['a window of one pixel', [2, 4, 3, 5], { poolSize: 1, strides: [2, 1] }],
  ['a large image', [1, 29, 31, 20], { poolSize: 3, strides: 2, padding: 'same' }],
];

/** Channel counts around the widths of vector registers, many of them prime. */
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 15, 16, 17, 19, 23, 31, 37].map(
  (channels) =>
    [`${channels} channels`, [2, 5, 4, channels], { poolSize: [3, 2], strides: [2, 1], padding: 'same' }] as const,
);

/** Random numbers around 0 that are a thousandth apart, so that no finite difference steps over a tie. */
function spread(seed: number, shape: readonly number[]): Array64 {
  const order = new Random(seed).array(shape);
  const ranks = Array.from(order.data.keys()).sort((a, b) => order.data[a]! - order.data[b]!);
  const values = array64(shape);
  ranks.forEach((index, rank) => (values.data[index] = Math.fround((rank - ranks.length / 2) / 1000)));
  return values;
}

const OPERATORS = ['maxPool2d', 'avgPool2d'] as const;

describe.each(OPERATORS)('%s()', (name) => {
  const cases = [...WINDOWS, ...CHANNELS].map(([title, x, options], index) => {
    const op = pool2dCase(name, { x: spread(index + 1, x) }, options);
    return [title, op] as const;
  });
  const negative = array64([1, 5, 6, 5], (index) => spread(6, [1, 5, 6, 5]).data[index]! - 1);

  describeGuarded(`${name}()`, (backend) => {
    test.each(cases)('matches the oracle in value and gradient: %s', async (_, op) => {
      await checkOp(op, backend.tolerance);
    });

    test('passes a gradient on where no pixel is positive', async () => {
      await checkOp(pool2dCase(name, { x: negative }, { poolSize: 2 }), backend.tolerance);
    });

    test('gives the gradient of equal pixels to one or to all of them, never to none', async () => {
      const options = { poolSize: 3, strides: 2, padding: 'same' } as const;
      for (const value of [0, -2, 3]) {
        const inputs = { x: array64([2, 6, 5, 5], () => value) };
        await checkOp(pool2dCase(name, inputs, options, { kink: true }), backend.tolerance);
      }
      // Equal ones among others, some of them in the border.
      const inputs = { x: array64([1, 7, 6, 5], (index) => (index * 7) % 3) };
      await checkOp(pool2dCase(name, inputs, options, { kink: true }), backend.tolerance);
    });

    test('differentiates twice', async () => {
      const options = { poolSize: [3, 2], strides: [2, 1], padding: 'same' } as const;
      const inputs = { x: spread(7, [1, 5, 4, 3]) };
      const run = (x: tf.Tensor): tf.Tensor => conv[name](x as tf.Tensor4D, options);
      await checkOp(
        {
          // The gradient of ½‖pool(x)‖², whose own gradient needs the derivative of the backward kernel.
          inputs,
          run: ({ x }) => tf.grad((given) => tf.mul(0.5, tf.sum(tf.square(run(given)))))(x!),
          oracle: (given) => oracle[`${name}Gradients`](given, oracle[name](given, options), options).x,
        },
        backend.tolerance,
      );
    });

    test('differentiates three times', async () => {
      const options = { poolSize: [2, 3], strides: [1, 2], padding: 'same' } as const;
      const [height, width] = [4, 5];
      const direction = new Random(9).array([1, height, width, 3]);
      const run = (x: tf.Tensor): tf.Tensor => conv[name](x as tf.Tensor4D, options);
      /** Change of the output along the direction; the operator is linear around here. */
      const change = (x: Array64): Array64 => {
        const moved = (step: number): Array64 =>
          oracle[name]({ x: array64(x.shape, (index) => x.data[index]! + step * direction.data[index]!) }, options);
        const [after, before] = [moved(1e-4), moved(-1e-4)];
        return array64(after.shape, (index) => (after.data[index]! - before.data[index]!) / 2e-4);
      };
      await checkOp(
        {
          // ⟨∇ Σ y³, w⟩ has the gradient Jᵀ(6·y·Jw), of which checkOp takes one more.
          inputs: { x: spread(8, [1, height, width, 3]) },
          run: ({ x }) => {
            const cubes = (given: tf.Tensor): tf.Tensor => tf.sum(tf.pow(run(given), 3));
            return tf.grad((given) => tf.sum(tf.mul(tf.grad(cubes)(given), toTensor(direction))))(x!);
          },
          oracle: ({ x }) => {
            const [y, dy] = [oracle[name]({ x }, options), change(x)];
            const upstream = array64(y.shape, (index) => 6 * y.data[index]! * dy.data[index]!);
            return oracle[`${name}Gradients`]({ x }, upstream, options).x;
          },
        },
        10 * backend.tolerance,
      );
    });

    test('of a 3-D image is 3-D', async () => {
      const options = { poolSize: [3, 2], strides: [2, 1], padding: [1, 0] } as const;
      const x = new Random(3).array([1, 5, 4, 3]);
      const want = oracle[name]({ x }, options);
      await scoped(async () => {
        const image = tf.squeeze<tf.Tensor3D>(toTensor(x), [0]);
        const run = (given: tf.Tensor): tf.Tensor => conv[name](given as tf.Tensor3D, options);
        await expectClose(run(image), { shape: want.shape.slice(1), data: want.data }, backend.tolerance);
        expect(tf.grad(run)(image).shape).toEqual([5, 4, 3]);
      });
    });

    test('of a NaN is NaN, with the gradients of the other windows as they are', async () => {
      const options = { poolSize: [2, 3], strides: [1, 2], padding: 'same' } as const;
      const x = new Random(5).array([1, 5, 7, 5]);
      for (const pixel of [0, 31, 32, 90, 174]) x.data[pixel] = NaN;
      const dy = array64(oracle[name]({ x }, options).shape, (index) => 1 + index);
      await scoped(async () => {
        const run = (given: tf.Tensor): tf.Tensor => conv[name](given as tf.Tensor4D, options);
        await expectClose(run(toTensor(x)), oracle[name]({ x }, options), backend.tolerance);
        const gradient = tf.grad(run)(toTensor(x), toTensor(dy));
        await expectClose(gradient, oracle[`${name}Gradients`]({ x }, dy, options).x, backend.tolerance);
      });
    });

    test('of infinities is what arithmetic says', async () => {
      const x = array64([1, 2, 6, 1], (index) => [-Infinity, 1, 2, Infinity, -Infinity, -Infinity][index % 6]!);
      const options = { poolSize: 2 } as const;
      const want = oracle[name]({ x }, options);
      const dy = array64(want.shape, () => 1);
      await scoped(async () => {
        const run = (given: tf.Tensor): tf.Tensor => conv[name](given as tf.Tensor4D, options);
        await expectClose(run(toTensor(x)), want, backend.tolerance);
        const gradient = tf.grad(run)(toTensor(x), toTensor(dy));
        await expectClose(gradient, oracle[`${name}Gradients`]({ x }, dy, options).x, backend.tolerance);
      });
    });

    test('leaves an empty batch and no channels empty, with an empty gradient', async () => {
      await scoped(async () => {
        for (const [shape, out] of [
          [
            [0, 5, 4, 3],
            [0, 2, 4, 3],
          ],
          [
            [2, 5, 4, 0],
            [2, 2, 4, 0],
          ],
        ] as const) {
          const run = (given: tf.Tensor): tf.Tensor =>
            conv[name](given as tf.Tensor4D, { poolSize: [3, 1], strides: [2, 1] });
          const x = tf.zeros([...shape]);
          expect(run(x).shape).toEqual(out);
          const gradient = tf.grad(run)(x);
          expect(gradient.shape).toEqual(shape);
          expect((await gradient.data()).length).toBe(0);
        }
      });
    });

    test('does not depend on how a batch is split, and repeats its bits', async () => {
      const options = { poolSize: 3, strides: 2, padding: 'same' } as const;
      const x = new Random(11).array([3, 6, 5, 7]);
      await scoped(async () => {
        const run = (given: tf.Tensor): tf.Tensor => conv[name](given as tf.Tensor4D, options);
        const [whole, parts] = [toTensor(x), tf.split(toTensor(x), 3)];
        await expectSameBits(tf.concat(parts.map(run)), run(whole));
        const gradients = parts.map((part) => tf.grad(run)(part));
        await expectSameBits(tf.concat(gradients), tf.grad(run)(whole));
        if (backend.repeatable) await expectSameBits(tf.grad(run)(whole), tf.grad(run)(whole));
      });
    });

    test('leaves no tensor behind', () => {
      tf.tidy(() => {
        const x = tf.ones<tf.Rank.R4>([2, 5, 4, 3]);
        const run = (given: tf.Tensor): tf.Tensor => conv[name](given as tf.Tensor4D, { poolSize: 2 });
        expectNoLeak(() => run(x));
        expectNoLeak(() => tf.grad(run)(x));
        const squares = (given: tf.Tensor): tf.Tensor => tf.sum(tf.square(run(given)));
        expectNoLeak(() => tf.grad((given) => tf.sum(tf.square(tf.grad(squares)(given))))(x));
      });
    });
  });
});
