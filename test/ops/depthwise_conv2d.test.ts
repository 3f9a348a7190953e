/** depthwiseConv2d against the float64 oracle: value and every gradient, over all backends. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import {
  depthwiseConv2d as depthwiseOracle,
  depthwiseConv2dGradients,
  type DepthwiseConv2DOptions,
} from '../oracle/depthwise_conv2d.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { checkOp, toTensors } from '../support/gradient_check.js';
import { depthwiseInputs, type Shape4 } from '../support/inputs.js';
import { depthwiseConv2dCase, runDepthwiseConv2d } from '../support/ops.js';
import { scoped } from '../support/scoped.js';

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const WINDOWS: readonly [title: string, x: Shape4, filter: Shape4, options: DepthwiseConv2DOptions][] = [
  ['no options', [2, 5, 4, 3], [3, 2, 3, 1], {}],
  ['a multiplier', [2, 5, 6, 3], [3, 2, 3, 4], { padding: 1 }],
  ['one channel', [1, 5, 6, 1], [3, 2, 1, 5], { padding: [0, 1] }],
  ["padding 'valid'", [2, 5, 6, 3], [2, 3, 3, 2], { padding: 'valid', strides: [1, 2] }],
  ["padding 'same'", [2, 5, 6, 5], [2, 3, 5, 1], { padding: 'same', strides: [2, 3] }],
  ["padding 'same' with dilation", [1, 7, 6, 3], [3, 2, 3, 2], { padding: 'same', dilations: [2, 3] }],
  [
    'padding on four sides',
    [1, 4, 6, 5],
    [3, 2, 5, 1],
    {
      padding: [
        [2, 1],
        [0, 3],
      ],
    },
  ],
  [
    'padding of more than the kernel',
    [1, 3, 2, 2],
    [2, 1, 2, 3],
    {
      padding: [
        [3, 4],
        [2, 5],
      ],
      strides: [2, 3],
    },
  ],
  ['stride above the kernel', [1, 9, 8, 2], [2, 1, 2, 1], { strides: [4, 3] }],
  [
    'stride with dilation',
    [2, 9, 8, 3],
    [3, 2, 3, 1],
    {
      strides: [2, 3],
      dilations: [3, 2],
      padding: [
        [3, 1],
        [0, 2],
      ],
    },
  ],
  ['stride with dilation and a multiplier', [2, 9, 8, 3], [3, 2, 3, 2], { strides: 2, dilations: [2, 3], padding: 2 }],
  ['a 1×1 kernel', [2, 4, 3, 5], [1, 1, 5, 2], { strides: [2, 1] }],
  [
    'a 3×3 kernel with stride 2, as MobileNet has it',
    [2, 7, 6, 8],
    [3, 3, 8, 1],
    {
      padding: [
        [0, 1],
        [0, 1],
      ],
      strides: 2,
    },
  ],
  ['a 5×5 kernel', [1, 7, 6, 4], [5, 5, 4, 1], { padding: 'same' }],
  [
    'a kernel larger than the image',
    [1, 2, 3, 2],
    [5, 4, 2, 3],
    {
      padding: [
        [2, 3],
        [2, 1],
      ],
    },
  ],
  ['a 1-pixel image', [2, 1, 1, 3], [3, 5, 3, 2], { padding: [1, 2] }],
  ['a strip', [1, 9, 1, 2], [4, 1, 2, 3], { strides: [2, 1], padding: [2, 0] }],
  ["'same' with a kernel below the stride", [1, 8, 8, 3], [1, 3, 3, 1], { padding: 'same', strides: 2 }],
];

const cases = WINDOWS.map(([title, x, filter, options], index) => {
  const inputs = depthwiseInputs(index + 1, x, filter, { bias: index % 3 !== 1 });
  return [title, depthwiseConv2dCase(inputs, options)] as const;
});

const modeCases = (['reflect', 'replicate', 'circular'] as const).map(
  (paddingMode, index) =>
    [
      `paddingMode '${paddingMode}'`,
      depthwiseConv2dCase(depthwiseInputs(50 + index, [2, 5, 4, 3], [3, 2, 3, 2]), {
        padding: [
          [4, 1],
          [2, 3],
        ],
        strides: [2, 1],
        dilations: [1, 2],
        paddingMode,
      }),
    ] as const,
);

/** Channel counts around the widths of vector registers. */
const channelCases = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 17, 33].map(
  (channels) =>
    [
      `${channels} channels`,
      depthwiseConv2dCase(
        depthwiseInputs(channels, [2, 5, 4, channels], [3, 2, channels, channels % 2 === 0 ? 1 : 2]),
        { padding: [1, 0], strides: [1, 2] },
      ),
    ] as const,
);

/** Runs of outputs away from the border, of every length from 0: kernels sum several positions at a time. */
const widthCases = [3, 4, 5, 6, 7, 8, 9, 10, 11].map(
  (width) =>
    [
      `${width} columns`,
      depthwiseConv2dCase(depthwiseInputs(90 + width, [1, 3, width, 6], [3, 3, 6, 1]), { padding: 1 }),
    ] as const,
);

const largeCases = [
  [
    'pixels that are a power of two apart',
    depthwiseConv2dCase(depthwiseInputs(82, [1, 3, 7, 512], [3, 3, 512, 1]), { padding: 1 }),
  ],
  [
    'long rows with strides',
    depthwiseConv2dCase(depthwiseInputs(83, [2, 9, 31, 9], [3, 4, 9, 1]), { padding: [1, 2], strides: [2, 3] }),
  ],
  [
    'long rows with strides that share a divisor with the dilations',
    depthwiseConv2dCase(depthwiseInputs(84, [1, 11, 41, 5], [3, 3, 5, 1]), {
      padding: [3, 4],
      strides: [2, 4],
      dilations: [3, 6],
    }),
  ],
  [
    'long rows with a multiplier',
    depthwiseConv2dCase(depthwiseInputs(85, [1, 6, 33, 3], [3, 4, 3, 2]), { padding: 'same', strides: [1, 2] }),
  ],
  ['a large image', depthwiseConv2dCase(depthwiseInputs(80, [2, 37, 29, 20], [3, 3, 20, 1]), { padding: 'same' })],
  [
    'a large kernel',
    depthwiseConv2dCase(depthwiseInputs(81, [1, 31, 27, 7], [7, 9, 7, 1]), { padding: [3, 4], strides: [2, 1] }),
  ],
] as const;

describeBackends('depthwiseConv2d()', (backend) => {
  test.each([...cases, ...modeCases, ...channelCases, ...widthCases, ...largeCases])(
    'matches the oracle in value and gradients: %s',
    async (_, op) => {
      await checkOp(op, backend.tolerance);
    },
  );

  test('of a 3-D image is 3-D', async () => {
    const inputs = depthwiseInputs(7, [1, 5, 4, 3], [3, 2, 3, 2]);
    const options = { padding: [1, 0], strides: [2, 1] } as const;
    const want = depthwiseOracle(inputs, options);
    await scoped(async () => {
      const { x, filter, bias } = toTensors(inputs);
      const image = tf.squeeze<tf.Tensor3D>(x!, [0]);
      const run = (given: tf.Tensor): tf.Tensor => runDepthwiseConv2d(options)({ x: given, filter, bias });
      await expectClose(run(image), { shape: want.shape.slice(1), data: want.data }, backend.tolerance);
      expect(tf.grad(run)(image).shape).toEqual([5, 4, 3]);
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
    } as const;
    const run = runDepthwiseConv2d(options);
    await checkOp(
      {
        // The gradient of ½‖conv(x, filter)‖² with respect to x is linear in x and quadratic in filter.
        inputs: depthwiseInputs(8, [1, 5, 4, 3], [3, 2, 3, 2], { bias: false }),
        run: ({ x, filter }) => tf.grad((given) => tf.mul(0.5, tf.sum(tf.square(run({ x: given, filter })))))(x!),
        oracle: (given) => depthwiseConv2dGradients(given, depthwiseOracle(given, options), options).x,
      },
      backend.tolerance,
    );
  });

  test('leaves a batch of 0 empty, with zero gradients', async () => {
    await scoped(async () => {
      const x = tf.zeros<tf.Rank.R4>([0, 5, 4, 3]);
      const filter = tf.ones<tf.Rank.R4>([3, 2, 3, 2]);
      const bias = tf.ones<tf.Rank.R1>([6]);
      const run = (...[image, kernel, shift]: tf.Tensor[]): tf.Tensor =>
        conv.depthwiseConv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, {
          bias: shift as tf.Tensor1D,
          strides: [1, 2],
        });
      expect(run(x, filter, bias).shape).toEqual([0, 3, 2, 6]);
      const [dx, dfilter, dbias] = tf.grads(run)([x, filter, bias], tf.zeros([0, 3, 2, 6]));
      expect(dx!.shape).toEqual([0, 5, 4, 3]);
      expect({ shape: dfilter!.shape, values: [...new Set(await dfilter!.data())] }).toEqual({
        shape: [3, 2, 3, 2],
        values: [0],
      });
      expect([...(await dbias!.data())]).toEqual([0, 0, 0, 0, 0, 0]);
    });
  });
});
