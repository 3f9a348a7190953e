/** deformConv2d against the float64 oracle: value and every gradient, over all backends. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { deformConv2d as deformOracle, type DeformConv2DOptions } from '../oracle/deform_conv2d.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { checkOp, toTensors } from '../support/gradient_check.js';
import { deformInputs, type Shape4 } from '../support/inputs.js';
import { deformConv2dCase, runDeformConv2d } from '../support/ops.js';
import { scoped } from '../support/scoped.js';

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const WINDOWS: readonly [title: string, x: Shape4, filter: Shape4, options: DeformConv2DOptions][] = [
  ['no options', [2, 5, 4, 3], [3, 2, 3, 5], {}],
  ["padding 'valid'", [2, 5, 6, 3], [2, 3, 3, 4], { padding: 'valid', strides: [1, 2] }],
  ["padding 'same'", [2, 5, 6, 3], [2, 3, 3, 4], { padding: 'same', strides: [2, 3] }],
  ["padding 'same' with dilation", [1, 7, 6, 2], [3, 2, 2, 3], { padding: 'same', dilations: [2, 3] }],
  ['padding as a number', [1, 4, 5, 3], [3, 2, 3, 2], { padding: 2 }],
  ['padding as a pair', [1, 4, 5, 3], [3, 2, 3, 2], { padding: [2, 1] }],
  [
    'padding on four sides',
    [1, 4, 5, 3],
    [3, 2, 3, 2],
    {
      padding: [
        [2, 1],
        [0, 3],
      ],
    },
  ],
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
  [
    'torchvision’s test geometry',
    [2, 5, 4, 6],
    [3, 2, 3, 2],
    { strides: [2, 1], padding: [1, 0], dilations: [2, 1], groups: 2, offsetGroups: 3 },
  ],
  ['groups', [1, 5, 4, 6], [3, 2, 2, 9], { groups: 3, padding: [1, 0] }],
  ['offset groups', [1, 5, 4, 6], [3, 2, 6, 5], { offsetGroups: 3, padding: [1, 0] }],
  ['more offset groups than groups', [1, 4, 5, 8], [2, 3, 4, 6], { groups: 2, offsetGroups: 4 }],
  ['fewer offset groups than groups', [1, 4, 5, 8], [2, 3, 2, 4], { groups: 4, offsetGroups: 2 }],
  ['groups that cross offset groups', [1, 4, 3, 12], [2, 3, 4, 6], { groups: 3, offsetGroups: 4 }],
  ['as many offset groups as channels', [1, 4, 3, 5], [2, 3, 5, 4], { offsetGroups: 5 }],
  ['a 1×1 kernel', [2, 4, 3, 5], [1, 1, 5, 7], { offsetGroups: 5 }],
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
  ['a row of pixels', [1, 1, 9, 2], [1, 4, 2, 3], { strides: [1, 2], padding: [0, 2] }],
  ['a column of pixels', [1, 9, 1, 2], [4, 1, 2, 3], { strides: [2, 1], padding: [2, 0] }],
];

const cases = WINDOWS.flatMap(([title, x, filter, options], index) =>
  [true, false].map((mask) => {
    const inputs = deformInputs(index + 1, x, filter, options, { mask, bias: index % 3 !== 1 });
    return [`${title}, ${mask ? 'mask' : 'no mask'}`, deformConv2dCase(inputs, options)] as const;
  }),
);

/** One filter per channel: the direct kernel without columns. */
const DEPTHWISE: typeof WINDOWS = [
  ['multiplier 1', [2, 5, 4, 3], [3, 2, 1, 3], { groups: 3, padding: [1, 0] }],
  ['multiplier 2', [1, 5, 4, 3], [3, 2, 1, 6], { groups: 3, strides: [2, 1], padding: 1 }],
  [
    'multiplier 3 and offset groups',
    [1, 4, 5, 4],
    [2, 3, 1, 12],
    { groups: 4, offsetGroups: 2, dilations: [2, 1], padding: 1 },
  ],
  ['an offset group for each channel', [2, 4, 3, 5], [3, 2, 1, 5], { groups: 5, offsetGroups: 5, padding: 1 }],
  ['one channel', [1, 5, 4, 1], [3, 2, 1, 4], { groups: 1, strides: [1, 2] }],
  ['8 channels', [1, 4, 5, 8], [3, 3, 1, 8], { groups: 8, padding: 'same' }],
  [
    '9 channels, multiplier 2',
    [1, 4, 3, 9],
    [3, 3, 1, 18],
    { groups: 9, offsetGroups: 3, padding: 'same', strides: 2 },
  ],
];

const depthwiseCases = DEPTHWISE.flatMap(([title, x, filter, options], index) =>
  [true, false].map((mask) => {
    const inputs = deformInputs(40 + index, x, filter, options, { mask });
    return [`depthwise, ${title}, ${mask ? 'mask' : 'no mask'}`, deformConv2dCase(inputs, options)] as const;
  }),
);

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

const channelCases = CHANNELS.map(([inChannels, outChannels]) => {
  const options = { padding: [1, 0], strides: [1, 2] } as const;
  const inputs = deformInputs(inChannels, [2, 4, 5, inChannels], [3, 2, inChannels, outChannels], options);
  return [`${inChannels} to ${outChannels} channels`, deformConv2dCase(inputs, options)] as const;
});

/** Larger than any tile: several blocks of positions, of depth and of output channels. */
const LARGE: typeof WINDOWS = [
  ['a large image', [2, 23, 29, 5], [3, 5, 5, 7], { padding: [1, 2] }],
  ['a large image in groups', [1, 17, 15, 6], [3, 2, 2, 9], { groups: 3, offsetGroups: 2, padding: [1, 0] }],
  ['a sum deeper than a tile', [1, 5, 4, 460], [3, 3, 460, 3], { padding: 1, offsetGroups: 4 }],
  ['many channels', [1, 7, 6, 70], [3, 3, 70, 41], { padding: 1, offsetGroups: 2 }],
  [
    'wide groups',
    [1, 9, 11, 36],
    [3, 3, 12, 27],
    { groups: 3, offsetGroups: 4, strides: 2, dilations: [2, 1], padding: 'same' },
  ],
  ['a large depthwise image', [2, 19, 23, 21], [3, 3, 1, 21], { groups: 21, padding: 'same' }],
  ['wide depthwise offset groups', [1, 4, 5, 42], [3, 2, 1, 42], { groups: 42, offsetGroups: 2, padding: 1 }],
];

const largeCases = LARGE.map(
  ([title, x, filter, options], index) =>
    [
      title,
      deformConv2dCase(deformInputs(80 + index, x, filter, options, { bias: index % 2 === 0 }), options),
    ] as const,
);

describeBackends('deformConv2d()', (backend) => {
  test.each([...cases, ...depthwiseCases, ...channelCases, ...largeCases])(
    'matches the oracle in value and gradients: %s',
    async (_, op) => {
      await checkOp(op, backend.tolerance);
    },
  );

  test('infers groups and offset groups from the shapes', async () => {
    const options = { groups: 2, offsetGroups: 3, padding: [1, 0] } as const;
    const inputs = deformInputs(31, [1, 5, 4, 6], [3, 2, 3, 4], options);
    await scoped(async () => {
      const got = runDeformConv2d({ padding: options.padding })(toTensors(inputs));
      await expectClose(got, deformOracle(inputs, options), backend.tolerance);
    });
  });

  test('of a 3-D image, offset and mask is 3-D', async () => {
    const options = { padding: [1, 0], strides: [2, 1] } as const;
    const inputs = deformInputs(32, [1, 5, 4, 3], [3, 2, 3, 2], options);
    const want = deformOracle(inputs, options);
    await scoped(async () => {
      const { x, offset, filter, mask, bias } = toTensors(inputs);
      const images = [x, offset, mask].map((tensor) => tf.squeeze(tensor!, [0]));
      const run = (...[image, shifts, weights]: tf.Tensor[]): tf.Tensor =>
        runDeformConv2d(options)({ x: image, offset: shifts, filter, mask: weights, bias });
      await expectClose(run(...images), { shape: want.shape.slice(1), data: want.data }, backend.tolerance);
      const gradients = tf.grads(run)(images, tf.ones(want.shape.slice(1)));
      expect(gradients.map(({ shape }) => shape)).toEqual(images.map(({ shape }) => shape));
    });
  });

  test.each([true, false])('leaves a batch of 0 empty, with zero gradients (mask: %s)', async (masked) => {
    await scoped(async () => {
      const x = tf.zeros<tf.Rank.R4>([0, 5, 4, 3]);
      const offset = tf.zeros<tf.Rank.R4>([0, 3, 2, 12]);
      const mask = tf.zeros<tf.Rank.R4>([0, 3, 2, 6]);
      const filter = tf.ones<tf.Rank.R4>([3, 2, 3, 7]);
      const bias = tf.ones<tf.Rank.R1>([7]);
      const run = (...[image, shifts, kernel, shift, weights]: tf.Tensor[]): tf.Tensor =>
        conv.deformConv2d(image as tf.Tensor4D, shifts as tf.Tensor4D, kernel as tf.Tensor4D, {
          bias: shift as tf.Tensor1D,
          mask: weights as tf.Tensor4D | undefined,
          strides: [1, 2],
        });
      const inputs = masked ? [x, offset, filter, bias, mask] : [x, offset, filter, bias];
      expect(run(...inputs).shape).toEqual([0, 3, 2, 7]);
      const gradients = tf.grads(run)(inputs, tf.zeros([0, 3, 2, 7]));
      expect(gradients.map(({ shape }) => shape)).toEqual(inputs.map(({ shape }) => shape));
      for (const gradient of gradients) expect([...(await gradient.data())].every((value) => value === 0)).toBe(true);
    });
  });
});
