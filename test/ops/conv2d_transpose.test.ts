/** conv2dTranspose against the float64 oracle: value and every gradient, over all backends. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { inner } from '../oracle/array64.js';
import {
  conv2dTranspose as transposeOracle,
  conv2dTransposeGradients,
  type Conv2DTransposeOptions,
} from '../oracle/conv2d_transpose.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { checkOp, toTensors } from '../support/gradient_check.js';
import { conv2dTransposeInputs, type Shape4 } from '../support/inputs.js';
import { conv2dTransposeCase, runConv2d, runConv2dTranspose } from '../support/ops.js';
import { scoped } from '../support/scoped.js';

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const WINDOWS: readonly [title: string, x: Shape4, filter: Shape4, options: Conv2DTransposeOptions][] = [
  ['no options', [2, 4, 3, 3], [3, 2, 5, 3], {}],
  ['strides', [2, 4, 3, 3], [3, 2, 5, 3], { strides: [2, 3], padding: 0 }],
  ['dilations', [1, 4, 3, 2], [3, 2, 3, 2], { dilations: [2, 3], padding: [1, 0] }],
  [
    'stride with dilation',
    [2, 4, 5, 3],
    [3, 2, 4, 3],
    {
      strides: [2, 3],
      dilations: [3, 2],
      padding: [
        [3, 1],
        [0, 2],
      ],
    },
  ],
  [
    'padding on four sides',
    [1, 5, 4, 3],
    [4, 3, 2, 3],
    {
      padding: [
        [2, 1],
        [0, 1],
      ],
      strides: [1, 2],
    },
  ],
  ['output padding', [1, 3, 4, 2], [3, 2, 3, 2], { strides: [2, 3], padding: 1, outputPadding: [1, 2] }],
  [
    'output padding below the dilation',
    [1, 3, 4, 2],
    [3, 2, 3, 2],
    { dilations: [2, 3], padding: 0, outputPadding: [1, 2] },
  ],
  ["'valid'", [1, 3, 4, 2], [3, 2, 3, 2], { padding: 'valid', strides: [2, 1] }],
  ["'valid' with the kernel below the stride", [1, 3, 4, 2], [1, 2, 3, 2], { padding: 'valid', strides: [2, 3] }],
  [
    "'valid' with output padding",
    [1, 3, 4, 2],
    [3, 2, 3, 2],
    { padding: 'valid', strides: [2, 3], outputPadding: [1, 0] },
  ],
  ["'same'", [1, 3, 4, 2], [3, 2, 3, 2], { padding: 'same', strides: [2, 3] }],
  ["'same' with stride 1", [1, 3, 4, 2], [3, 4, 3, 2], { padding: 'same' }],
  ["'same' with dilation", [1, 4, 3, 2], [3, 2, 3, 2], { padding: 'same', strides: [2, 1], dilations: [1, 3] }],
  ["'same' with the kernel below the stride", [1, 3, 4, 2], [1, 2, 3, 2], { padding: 'same', strides: [3, 4] }],
  [
    "'same' with output padding",
    [1, 3, 4, 2],
    [3, 4, 3, 2],
    { padding: 'same', strides: [2, 3], outputPadding: [1, 2] },
  ],
  ['groups', [2, 3, 4, 6], [3, 2, 3, 6], { groups: 2, strides: [2, 1], padding: [1, 0] }],
  ['as many groups as channels', [1, 3, 4, 3], [2, 3, 2, 3], { groups: 3, strides: [1, 2] }],
  ['a 1-pixel image', [2, 1, 1, 3], [3, 5, 2, 3], { strides: 2 }],
  ['a 1×1 kernel', [2, 3, 2, 5], [1, 1, 4, 5], {}],
  ['a large image', [2, 11, 13, 9], [3, 3, 17, 9], { strides: 2, padding: 1, outputPadding: 1 }],
];

const cases = WINDOWS.map(([title, x, filter, options], index) => {
  const inputs = conv2dTransposeInputs(index + 1, x, filter, options, { bias: index % 3 !== 1 });
  return [title, conv2dTransposeCase(inputs, options)] as const;
});

describeBackends('conv2dTranspose()', (backend) => {
  test.each(cases)('matches the oracle in value and gradients: %s', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test('is the adjoint of conv2d with the same options', async () => {
    const options = {
      strides: [2, 3],
      dilations: [1, 2],
      padding: [
        [1, 0],
        [2, 1],
      ],
      groups: 2,
    } as const;
    const inputs = conv2dTransposeInputs(30, [1, 3, 4, 6], [3, 2, 2, 6], options, { bias: false });
    await scoped(async () => {
      const { x, filter } = toTensors(inputs);
      const spread = runConv2dTranspose(options)({ x, filter });
      const back = runConv2d(options)({ x: spread, filter });
      // ⟨Aᵀx, Aᵀx⟩ = ⟨x, A Aᵀx⟩
      const middle = await values(spread);
      expect(inner(await values(x!), await values(back)) / inner(middle, middle)).toBeCloseTo(1, 5);
    });
  });

  test('of a 3-D image is 3-D', async () => {
    const options = { padding: [1, 0], strides: [2, 1] } as const;
    const inputs = conv2dTransposeInputs(31, [1, 5, 4, 3], [3, 2, 2, 3], options);
    const want = transposeOracle(inputs, options);
    await scoped(async () => {
      const { x, filter, bias } = toTensors(inputs);
      const got = runConv2dTranspose(options)({ x: tf.squeeze(x!, [0]), filter, bias });
      await expectClose(got, { shape: want.shape.slice(1), data: want.data }, backend.tolerance);
    });
  });

  test('differentiates twice', async () => {
    const options = {
      padding: [
        [1, 0],
        [2, 1],
      ],
      strides: [2, 1],
      dilations: [1, 2],
      groups: 2,
    } as const;
    const run = runConv2dTranspose(options);
    await checkOp(
      {
        inputs: conv2dTransposeInputs(32, [1, 3, 4, 4], [3, 2, 3, 4], options, { bias: false }),
        run: ({ x, filter }) => tf.grad((given) => tf.mul(0.5, tf.sum(tf.square(run({ x: given, filter })))))(x!),
        oracle: (given) => conv2dTransposeGradients(given, transposeOracle(given, options), options).x,
      },
      backend.tolerance,
    );
  });

  test('leaves a batch of 0 empty, with zero gradients', async () => {
    await scoped(async () => {
      const x = tf.zeros<tf.Rank.R4>([0, 3, 4, 3]);
      const filter = tf.ones<tf.Rank.R4>([3, 2, 5, 3]);
      const run = (...[image, kernel]: tf.Tensor[]): tf.Tensor =>
        conv.conv2dTranspose(image as tf.Tensor4D, kernel as tf.Tensor4D, { strides: [2, 1] });
      expect(run(x, filter).shape).toEqual([0, 7, 5, 5]);
      const [dx, dfilter] = tf.grads(run)([x, filter], tf.zeros([0, 7, 5, 5]));
      expect(dx!.shape).toEqual([0, 3, 4, 3]);
      expect({ shape: dfilter!.shape, values: [...new Set(await dfilter!.data())] }).toEqual({
        shape: [3, 2, 5, 3],
        values: [0],
      });
    });
  });
});
