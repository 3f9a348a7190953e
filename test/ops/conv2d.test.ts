/** conv2d against the float64 oracle: value and every gradient, over all backends. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { conv2d as conv2dOracle, conv2dGradients, type Conv2DOptions } from '../oracle/conv2d.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { checkOp, toTensors } from '../support/gradient_check.js';
import { conv2dInputs, type Shape4 } from '../support/inputs.js';
import { conv2dCase, runConv2d } from '../support/ops.js';
import { scoped } from '../support/scoped.js';

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const WINDOWS: readonly [title: string, x: Shape4, filter: Shape4, options: Conv2DOptions][] = [
  ['no options', [2, 5, 4, 3], [3, 2, 3, 5], {}],
  ["padding 'valid'", [2, 5, 6, 3], [2, 3, 3, 4], { padding: 'valid', strides: [1, 2] }],
  ["padding 'same'", [2, 5, 6, 3], [2, 3, 3, 4], { padding: 'same', strides: [2, 3] }],
  ["padding 'same' with dilation", [1, 7, 6, 2], [3, 2, 2, 3], { padding: 'same', dilations: [2, 3] }],
  ['padding as a number', [1, 4, 6, 3], [3, 2, 3, 2], { padding: 2 }],
  ['padding as a pair', [1, 4, 6, 3], [3, 2, 3, 2], { padding: [2, 1] }],
  [
    'padding on four sides',
    [1, 4, 6, 3],
    [3, 2, 3, 2],
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
  ['a number for both strides', [1, 7, 8, 2], [3, 2, 2, 3], { strides: 2, padding: 1 }],
  ['stride above the kernel', [1, 9, 8, 2], [2, 1, 2, 3], { strides: [4, 3] }],
  [
    'stride with dilation',
    [2, 9, 8, 3],
    [3, 2, 3, 4],
    {
      strides: [2, 3],
      dilations: [3, 2],
      padding: [
        [3, 1],
        [0, 2],
      ],
    },
  ],
  ['dilation as a number', [1, 7, 8, 2], [3, 2, 2, 3], { dilations: 2 }],
  ['groups', [2, 5, 4, 6], [3, 2, 2, 9], { groups: 3, padding: [1, 0], strides: [1, 2] }],
  ['as many groups as channels', [1, 5, 4, 3], [2, 3, 1, 6], { groups: 3, dilations: [2, 1] }],
  ['a 1×1 kernel', [2, 4, 3, 5], [1, 1, 5, 7], {}],
  ['a 1×1 kernel with stride', [2, 5, 6, 3], [1, 1, 3, 4], { strides: [2, 3] }],
  [
    'a 1×1 kernel with padding',
    [1, 3, 4, 3],
    [1, 1, 3, 2],
    {
      padding: [
        [1, 0],
        [2, 1],
      ],
    },
  ],
  ['a kernel as large as the image', [3, 4, 5, 2], [4, 5, 2, 3], {}],
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
  ['a strip', [1, 1, 9, 2], [1, 4, 2, 3], { strides: [1, 2], padding: [0, 2] }],
  ["'same' with a kernel below the stride", [1, 8, 8, 3], [1, 3, 3, 2], { padding: 'same', strides: 2 }],
  ["'same' with a kernel far below the stride", [1, 10, 9, 2], [2, 1, 2, 3], { padding: 'same', strides: [4, 3] }],
];

const MODES = ['reflect', 'replicate', 'circular'] as const;

const cases = WINDOWS.map(([title, x, filter, options], index) => {
  const inputs = conv2dInputs(index + 1, x, filter, { bias: index % 3 !== 1 });
  return [title, conv2dCase(inputs, options)] as const;
});

const modeCases = MODES.flatMap((paddingMode, index) => [
  [
    `paddingMode '${paddingMode}'`,
    conv2dCase(conv2dInputs(50 + index, [2, 5, 4, 4], [3, 2, 2, 6]), {
      padding: [
        [4, 1],
        [2, 3],
      ],
      strides: [2, 1],
      dilations: [1, 2],
      groups: 2,
      paddingMode,
    }),
  ] as const,
  [
    `paddingMode '${paddingMode}' with 'same'`,
    conv2dCase(conv2dInputs(60 + index, [1, 5, 6, 2], [3, 4, 2, 3]), { padding: 'same', strides: [1, 2], paddingMode }),
  ] as const,
]);

/** Channel counts around the widths of vector registers and of the tiles of a packed product. */
const CHANNELS = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((inChannels) => [inChannels, 10 - inChannels] as const),
  ...([
    [12, 13],
    [17, 5],
    [3, 33],
    [16, 16],
    [31, 24],
  ] as const),
];

const channelCases = CHANNELS.map(
  ([inChannels, outChannels]) =>
    [
      `${inChannels} to ${outChannels} channels`,
      conv2dCase(conv2dInputs(inChannels, [2, 4, 5, inChannels], [3, 2, inChannels, outChannels]), {
        padding: [1, 0],
        strides: [1, 2],
      }),
    ] as const,
);

/** Larger than any tile: several blocks of rows, of depth and of output channels. */
const largeCases = [
  ['a deep sum', conv2dCase(conv2dInputs(80, [1, 6, 7, 97], [3, 3, 97, 21]), { padding: 1 })],
  // A bias is there before the first product; without one the first block of a sum is stored and the others are added.
  [
    'a deep sum without bias',
    conv2dCase(conv2dInputs(85, [1, 4, 5, 97], [3, 3, 97, 9], { bias: false }), { padding: 1 }),
  ],
  ['a deep sum in the gradient of x', conv2dCase(conv2dInputs(86, [1, 4, 3, 5], [2, 1, 5, 270]), {})],
  ['a sum deeper than a tile', conv2dCase(conv2dInputs(84, [1, 5, 5, 460], [3, 3, 460, 4]), { padding: 1 })],
  ['a large image', conv2dCase(conv2dInputs(81, [2, 33, 29, 5], [3, 5, 5, 7]), { padding: [1, 2] })],
  [
    'a large image in groups',
    conv2dCase(conv2dInputs(87, [1, 17, 15, 6], [3, 2, 2, 9]), { groups: 3, padding: [1, 0] }),
  ],
  [
    'groups of eight channels, with twelve results each',
    conv2dCase(conv2dInputs(90, [2, 7, 9, 16], [3, 3, 8, 24]), { groups: 2, padding: [1, 2] }),
  ],
  [
    'groups of four channels, strided and dilated, on a narrow image',
    conv2dCase(conv2dInputs(91, [2, 9, 5, 8], [3, 2, 4, 8]), {
      groups: 2,
      strides: [2, 3],
      dilations: [2, 3],
      padding: [
        [3, 1],
        [1, 4],
      ],
    }),
  ],
  [
    'groups of four channels under a kernel wider than the image',
    conv2dCase(conv2dInputs(92, [1, 3, 2, 8], [2, 5, 4, 8]), { groups: 2, padding: [1, 3] }),
  ],
  [
    'groups of four channels',
    conv2dCase(conv2dInputs(88, [1, 9, 10, 12], [3, 2, 4, 12]), { groups: 3, padding: 1, strides: [1, 2] }),
  ],
  [
    'many groups of four channels, on a wide image',
    conv2dCase(conv2dInputs(93, [1, 5, 250, 68], [3, 3, 4, 68]), { groups: 17, padding: 1 }),
  ],
  [
    'many groups of four channels, strided and dilated, on wide images',
    conv2dCase(conv2dInputs(94, [2, 9, 200, 64], [2, 3, 4, 64]), {
      groups: 16,
      strides: [1, 2],
      dilations: [2, 1],
      padding: [
        [1, 0],
        [0, 2],
      ],
    }),
  ],
  [
    'many groups of four channels, on a wide image with much padding',
    conv2dCase(conv2dInputs(95, [1, 2, 420, 64], [1, 2, 4, 64]), {
      groups: 16,
      padding: [
        [3, 0],
        [0, 1],
      ],
    }),
  ],
  ['many channels', conv2dCase(conv2dInputs(82, [1, 5, 5, 40], [1, 1, 40, 150]), {})],
  [
    'wide groups',
    conv2dCase(conv2dInputs(83, [1, 9, 11, 36], [3, 3, 12, 27]), {
      groups: 3,
      strides: 2,
      dilations: [2, 1],
      padding: 'same',
    }),
  ],
] as const;

describeBackends('conv2d()', (backend) => {
  test.each([...cases, ...modeCases, ...channelCases, ...largeCases])(
    'matches the oracle in value and gradients: %s',
    async (_, op) => {
      await checkOp(op, backend.tolerance);
    },
  );

  test('of a 3-D image is 3-D', async () => {
    const inputs = conv2dInputs(7, [1, 5, 4, 3], [3, 2, 3, 2]);
    const options = { padding: [1, 0], strides: [2, 1] } as const;
    const want = conv2dOracle(inputs, options);
    await scoped(async () => {
      const { x, filter, bias } = toTensors(inputs);
      const image = tf.squeeze<tf.Tensor3D>(x!, [0]);
      const run = (given: tf.Tensor): tf.Tensor => runConv2d(options)({ x: given, filter, bias });
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
      groups: 2,
    } as const;
    const run = runConv2d(options);
    await checkOp(
      {
        // The gradient of ½‖conv(x, filter)‖² with respect to x is linear in x and quadratic in filter.
        inputs: conv2dInputs(8, [1, 5, 4, 4], [3, 2, 2, 6], { bias: false }),
        run: ({ x, filter }) => tf.grad((given) => tf.mul(0.5, tf.sum(tf.square(run({ x: given, filter })))))(x!),
        oracle: (given) => conv2dGradients(given, conv2dOracle(given, options), options).x,
      },
      backend.tolerance,
    );
  });

  test('leaves a batch of 0 empty, with zero gradients', async () => {
    await scoped(async () => {
      const x = tf.zeros<tf.Rank.R4>([0, 5, 4, 3]);
      const filter = tf.ones<tf.Rank.R4>([3, 2, 3, 7]);
      const bias = tf.ones<tf.Rank.R1>([7]);
      const run = (...[image, kernel, shift]: tf.Tensor[]): tf.Tensor =>
        conv.conv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, { bias: shift as tf.Tensor1D, strides: [1, 2] });
      expect(run(x, filter, bias).shape).toEqual([0, 3, 2, 7]);
      const [dx, dfilter, dbias] = tf.grads(run)([x, filter, bias], tf.zeros([0, 3, 2, 7]));
      expect(dx!.shape).toEqual([0, 5, 4, 3]);
      expect({ shape: dfilter!.shape, values: [...new Set(await dfilter!.data())] }).toEqual({
        shape: [3, 2, 3, 7],
        values: [0],
      });
      expect([...(await dbias!.data())]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    });
  });
});
