/**
 * Pooling gradients of TensorFlow.js after accelerateStockLayers(), 1-D to 3-D, on all backends: without it those of
 * average pooling are wrong at borders except on tfjs-node, those of max pooling wrong on wasm for values that are not
 * positive.
 */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers } from '../../src/index.js';
import { array64, inner, withElement, type Array64 } from '../oracle/array64.js';
import * as oracle from '../oracle/pool2d.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { toTensor } from '../support/gradient_check.js';
import type { Shape4 } from '../support/inputs.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

const POOLINGS = [
  ...(['same', 'valid'] as const).flatMap((padding) =>
    [1, 2, 3].flatMap((poolSize) => [1, 2, 3].map((strides) => ({ poolSize, strides, padding }))),
  ),
  // Windows longer than the image, whose average has wrong gradients on tfjs-node alone.
  ...[1, 2].map((strides) => ({ poolSize: 9, strides, padding: 'same' as const })),
];

/** Images without a positive pixel, with axes of different sizes. */
const POOLED: Shape4 = [2, 7, 8, 5];

/** Oracle gradient of pooling over the first axes of the image. */
interface PoolGradient {
  readonly x: Array64;
  readonly dy: Array64;
  readonly dx: Array64;
}

function gradientOf(name: 'maxPool2d' | 'avgPool2d', options: oracle.Pool2DOptions, shape: Shape4): PoolGradient {
  const x = new Random(9).array(shape, -2, 0);
  const dy = new Random(10).array(oracle[name]({ x }, options).shape);
  return { x, dy, dx: oracle[`${name}Gradients`]({ x }, dy, options).x };
}

/** The same values under another shape. */
const shaped = (array: Array64, ...shape: number[]): tf.Tensor => tf.reshape(toTensor(array), shape);

describeBackends('stock poolings after accelerateStockLayers()', ({ tolerance }) => {
  const kinds = [
    ['maxPool2d', 'max'],
    ['avgPool2d', 'average'],
  ] as const;

  let restore: () => void;
  beforeAll(() => {
    restore = accelerateStockLayers();
  });
  afterAll(() => {
    restore();
  });

  test.each(POOLINGS)('have the values and gradients of the oracle, over two axes: %p', async (options) => {
    for (const [name, kind] of kinds) {
      const layer = tf.layers[`${kind}Pooling2d`](options);
      const { x, dy, dx } = gradientOf(name, options, POOLED);
      await scoped(async () => {
        const run = (given: tf.Tensor): tf.Tensor => layer.apply(given) as tf.Tensor;
        await expectClose(run(toTensor(x)), oracle[name]({ x }, options), tolerance, name);
        await expectClose(tf.grad(run)(toTensor(x), toTensor(dy)), dx, tolerance, `d_${name}`);
      });
    }
  });

  test.each(POOLINGS)('have the gradients of the oracle, over one axis: %p', async ({ poolSize, strides, padding }) => {
    const options = { poolSize: [poolSize, 1], strides: [strides, 1], padding } as const;
    for (const [name, kind] of kinds) {
      const layer = tf.layers[`${kind}Pooling1d`]({ poolSize, strides, padding });
      const { x, dy, dx } = gradientOf(name, options, [2, 8, 1, 5]);
      await scoped(async () => {
        const run = (given: tf.Tensor): tf.Tensor => layer.apply(given) as tf.Tensor;
        const gradient = tf.grad(run)(shaped(x, 2, 8, 5), shaped(dy, 2, -1, 5));
        await expectClose(tf.reshape(gradient, [2, 8, 1, 5]), dx, tolerance, name);
      });
    }
  });

  test.each(POOLINGS.filter(({ poolSize, strides, padding }) => padding === 'valid' || poolSize >= strides))(
    'have the values and gradients of the oracle, over three axes: %p',
    async ({ poolSize, strides, padding }) => {
      // With 'same' and a window smaller than the stride TensorFlow.js reads other pixels than TensorFlow: its padding
      // is negative. The oracle pools two axes. Over three, a window of one pixel along any of them leaves the other
      // two.
      for (const axis of [0, 1, 2]) {
        const only = (value: number): [number, number, number] => {
          const sizes: [number, number, number] = [value, value, value];
          sizes[axis] = 1;
          return sizes;
        };
        const host = { poolSize: only(poolSize), strides: only(strides), padding };
        for (const [name, kind] of kinds) {
          const layer = tf.layers[`${kind}Pooling3d`](host);
          const { x, dy, dx } = gradientOf(name, { poolSize, strides, padding }, [2, 7, 8, 5]);
          await scoped(async () => {
            const place = (array: Array64): tf.Tensor => {
              const [n, h, w, c] = array.shape as Shape4;
              return shaped(
                array,
                ...[
                  [n, 1, h, w, c],
                  [n, h, 1, w, c],
                  [n, h, w, 1, c],
                ][axis]!,
              );
            };
            const run = (given: tf.Tensor): tf.Tensor => layer.apply(given) as tf.Tensor;
            const y = oracle[name]({ x }, { poolSize, strides, padding });
            await expectClose(tf.reshape(run(place(x)), [...y.shape]), y, tolerance, name);
            const gradient = tf.grad(run)(place(x), place(dy));
            await expectClose(tf.reshape(gradient, [...dx.shape]), dx, tolerance, `${name} across axis ${axis}`);
          });
        }
      }
    },
  );

  test('have the gradients of finite differences, over three axes at once', async () => {
    // A twentieth apart, so that no step of the finite differences changes a maximum.
    const x = array64([1, 3, 4, 5, 2], (index) => Math.fround(-1 - ((index * 37) % 120) / 20));
    for (const [kind, poolSize, strides] of [
      ['average', 3, 2],
      ['average', 2, 1],
      ['max', 3, 2],
      ['max', 2, 3],
    ] as const) {
      const layer = tf.layers[`${kind}Pooling3d`]({ poolSize, strides, padding: 'same' });
      const run = (given: tf.Tensor): tf.Tensor => layer.apply(given) as tf.Tensor;
      await scoped(async () => {
        const given = toTensor(x);
        const upstream = new Random(13).array(run(given).shape);
        const gradient = tf.grad(run)(given, toTensor(upstream));
        const step = kind === 'max' ? 2 ** -6 : 1;
        const loss = async (index: number, by: number): Promise<number> => {
          const y = await values(run(toTensor(withElement(x, index, x.data[index]! + by))));
          return inner(y, upstream);
        };
        const differences = array64(x.shape);
        for (const index of x.data.keys()) {
          differences.data[index] = ((await loss(index, step)) - (await loss(index, -step))) / (2 * step);
        }
        await expectClose(gradient, differences, 1e-3, kind);
      });
    }
  });
});
