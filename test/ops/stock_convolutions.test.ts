/**
 * Convolutions of TensorFlow.js after accelerateStockLayers() has replaced their kernels: correct on wasm and cpu for
 * every stride, padding and activation, with every gradient.
 */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers } from '../../src/index.js';
import type { Array64 } from '../oracle/array64.js';
import { conv2d as conv2dOracle, conv2dGradients } from '../oracle/conv2d.js';
import { depthwiseConv2d as depthwiseOracle, depthwiseConv2dGradients } from '../oracle/depthwise_conv2d.js';
import { expectClose } from '../support/compare.js';
import { checkOp, toTensor, toTensors } from '../support/gradient_check.js';
import { conv2dInputs, depthwiseInputs } from '../support/inputs.js';
import { scoped } from '../support/scoped.js';

const TOLERANCE = 1e-5;

type Pair = [number, number];

const STRIDES: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [3, 2],
  [1, 2],
];
const KERNELS: readonly Pair[] = [
  [1, 1],
  [1, 3],
  [2, 2],
  [3, 2],
  [3, 3],
];

/** Strides above and below the kernel on each axis; `same` then pads by nothing or leaves pixels out. */
const WINDOWS = STRIDES.flatMap((strides) =>
  KERNELS.flatMap((kernel) =>
    (['same', 'valid'] as const).flatMap((padding) =>
      // Few channels, for which the stock forward kernel may be kept, and more.
      [1, 2, 5].map((channels) => ({ strides, kernel, padding, channels })),
    ),
  ),
);

/** A window whose kernel is smaller than its strides, for which the stock wasm kernels are wrong. */
const SPARSE = { strides: [3, 2], padding: 'same' } as const;

const SLOPES = [0.1, 0.2, 0.3, 0.4];
const LEAK = 0.3;

const ACTIVATIONS = {
  linear: (value) => value,
  relu: (value) => Math.max(value, 0),
  relu6: (value) => Math.min(Math.max(value, 0), 6),
  elu: (value) => (value < 0 ? Math.expm1(value) : value),
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  leakyrelu: (value) => (value < 0 ? LEAK * value : value),
  prelu: (value, channel) => (value < 0 ? SLOPES[channel]! * value : value),
} as const satisfies Record<string, (value: number, channel: number) => number>;

/** Arguments of the fused kernels; their outputs have as many channels as there are slopes. */
function fusedArguments(inputs: Readonly<Record<string, Array64 | undefined>>, activation: keyof typeof ACTIVATIONS) {
  const { x, filter, bias } = toTensors(inputs) as Record<'x' | 'filter', tf.Tensor4D> & { bias: tf.Tensor };
  return {
    ...{ x, filter, bias, activation, leakyreluAlpha: LEAK, preluActivationWeights: tf.tensor1d(SLOPES) },
    strides: [...SPARSE.strides] as Pair,
    pad: SPARSE.padding,
  };
}

describe.each(['wasm', 'cpu'])('after accelerateStockLayers() [%s]', (backend) => {
  beforeAll(async () => {
    accelerateStockLayers();
    await tf.setBackend(backend);
  });

  test.each(WINDOWS)(
    'tf.conv2d() is correct: kernel $kernel, strides $strides, $padding, $channels channels',
    async ({ strides, kernel, padding, channels }) => {
      const op = {
        inputs: conv2dInputs(1, [2, 9, 8, channels], [...kernel, channels, 5], { bias: false }),
        run: ({ x, filter }: { x?: tf.Tensor; filter?: tf.Tensor }) =>
          tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, padding),
        oracle: (inputs: Parameters<typeof conv2dOracle>[0]) => conv2dOracle(inputs, { strides, padding }),
        gradients: (inputs: Parameters<typeof conv2dOracle>[0], dy: Array64) =>
          conv2dGradients(inputs, dy, { strides, padding }),
      };
      await checkOp(op, TOLERANCE);
    },
  );

  test.each(WINDOWS)(
    'tf.depthwiseConv2d() is correct: kernel $kernel, strides $strides, $padding, $channels channels',
    async ({ strides, kernel, padding, channels }) => {
      const op = {
        inputs: depthwiseInputs(3, [2, 9, 8, channels], [...kernel, channels, 2], { bias: false }),
        run: ({ x, filter }: { x?: tf.Tensor; filter?: tf.Tensor }) =>
          tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, padding),
        oracle: (inputs: Parameters<typeof depthwiseOracle>[0]) => depthwiseOracle(inputs, { strides, padding }),
        gradients: (inputs: Parameters<typeof depthwiseOracle>[0], dy: Array64) =>
          depthwiseConv2dGradients(inputs, dy, { strides, padding }),
      };
      await checkOp(op, TOLERANCE);
    },
  );

  test.each([
    [1, 2],
    [2, 1],
    [2, 3],
  ] as Pair[])('dilated convolutions are correct: dilations [%d, %d]', async (...dilations) => {
    const window = { dilations, padding: 'same' } as const;
    const plain = conv2dInputs(5, [2, 9, 8, 4], [3, 2, 4, 5], { bias: false });
    const depthwise = depthwiseInputs(6, [2, 9, 8, 4], [3, 2, 4, 2], { bias: false });
    await scoped(async () => {
      const [x, filter] = [toTensor(plain.x), toTensor(plain.filter)] as [tf.Tensor4D, tf.Tensor4D];
      await expectClose(tf.conv2d(x, filter, 1, 'same', 'NHWC', dilations), conv2dOracle(plain, window), TOLERANCE);
      const [image, weights] = [toTensor(depthwise.x), toTensor(depthwise.filter)] as [tf.Tensor4D, tf.Tensor4D];
      const y = tf.depthwiseConv2d(image, weights, 1, 'same', 'NHWC', dilations);
      await expectClose(y, depthwiseOracle(depthwise, window), TOLERANCE);
    });
  });

  test.each(Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[])(
    'the fused kernels add the bias and apply %s',
    async (activation) => {
      const plain = conv2dInputs(7, [2, 9, 8, 6], [2, 1, 6, 4]);
      const depthwise = depthwiseInputs(8, [2, 9, 8, 4], [2, 1, 4, 1]);
      const want = (before: Array64): Array64 => ({
        shape: before.shape,
        data: before.data.map((value, index) => ACTIVATIONS[activation](value, index % SLOPES.length)),
      });
      await scoped(async () => {
        const y = tf.fused.conv2d(fusedArguments(plain, activation));
        await expectClose(y, want(conv2dOracle(plain, SPARSE)), TOLERANCE, 'conv2d');
        const z = tf.fused.depthwiseConv2d(fusedArguments(depthwise, activation));
        await expectClose(z, want(depthwiseOracle(depthwise, SPARSE)), TOLERANCE, 'depthwiseConv2d');
      });
    },
  );

  test('the fused kernels leave nothing behind', () => {
    const count = (): number[] => [tf.backend().numDataIds(), tf.memory().numTensors];
    const run = (): void => {
      tf.tidy(() => {
        tf.fused.conv2d(fusedArguments(conv2dInputs(7, [2, 9, 8, 6], [2, 1, 6, 4]), 'relu'));
      });
    };
    const before = count();
    run();
    expect(count()).toEqual(before);
  });
});

test('the stock cpu kernels still handle images with channels first', async () => {
  accelerateStockLayers();
  await tf.setBackend('cpu');
  const inputs = conv2dInputs(9, [1, 5, 4, 3], [2, 2, 3, 4], { bias: false });
  const ones: Array64 = { shape: [1, 4, 3, 4], data: new Float64Array(48).fill(1) };
  await scoped(async () => {
    const x = tf.transpose(toTensor(inputs.x) as tf.Tensor4D, [0, 3, 1, 2]);
    const convolve = (filter: tf.Tensor): tf.Tensor => tf.conv2d(x, filter as tf.Tensor4D, 1, 'valid', 'NCHW');
    const dfilter = tf.grad(convolve)(toTensor(inputs.filter), tf.ones([1, 4, 4, 3]));
    await expectClose(dfilter, conv2dGradients(inputs, ones, {}).filter, TOLERANCE);
  });
});

test('the stock wasm kernels still reject, with their own messages, what they do not support', async () => {
  accelerateStockLayers();
  await tf.setBackend('wasm');
  const x = tf.ones<tf.Rank.R4>([1, 4, 4, 4]);
  const filter = tf.ones<tf.Rank.R4>([2, 2, 4, 4]);
  expect(() => tf.fused.conv2d({ x, filter, strides: 1, pad: 'valid', bias: tf.scalar(2) })).toThrow(
    'only supports rank-1 bias',
  );
  expect(() => tf.conv2d(x, filter, 1, 'valid', 'NCHW')).toThrow('dataFormat');
});
