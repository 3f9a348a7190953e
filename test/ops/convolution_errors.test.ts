/** Errors of the convolutions for invalid arguments. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { anything, filter, image, testRefusals, x, type Refusal } from '../support/refusals.js';

const COMMON = (name: 'conv2d' | 'depthwiseConv2d'): Refusal[] => {
  const kernel = (): tf.Tensor4D => (name === 'conv2d' ? filter() : image(3, 2, 6, 1));
  const run = (given: unknown, weights: unknown, options = {}): unknown =>
    conv[name](anything(given), anything(weights), options);
  const action = `Cannot run ${name}`;
  return [
    {
      title: `${name}() of a 2-D tensor`,
      call: () => run(tf.ones([5, 4]), kernel()),
      type: RangeError,
      message: `${action}: x must have rank 3 or 4, received x.shape = [5, 4]`,
    },
    {
      title: `${name}() of an int32 tensor`,
      call: () => run(tf.ones([2, 5, 4, 6], 'int32'), kernel()),
      type: TypeError,
      message: `${action}: x must be a float32 tensor, received x.dtype = 'int32'`,
    },
    {
      title: `${name}() of a bool tensor`,
      call: () => run(tf.ones([2, 5, 4, 6], 'bool'), kernel()),
      type: TypeError,
      message: `${action}: x must be a float32 tensor, received x.dtype = 'bool'`,
    },
    {
      title: `${name}() of an int32 filter`,
      call: () => run(x(), tf.cast(kernel(), 'int32')),
      type: TypeError,
      message: `${action}: filter must be a float32 tensor, received filter.dtype = 'int32'`,
    },
    {
      title: `${name}() of a 3-D filter`,
      call: () => run(x(), tf.ones([3, 2, 6])),
      type: RangeError,
      message: `${action}: filter must have rank 4, received filter.shape = [3, 2, 6]`,
    },
    {
      title: `${name}() of an array`,
      call: () => run([[1]], kernel()),
      type: TypeError,
      message: `${action}: x must be a tensor, received x = [[1]]`,
    },
    {
      title: `${name}() of a disposed image`,
      call: () => {
        const disposed = x();
        disposed.dispose();
        return run(disposed, kernel());
      },
      type: RangeError,
      message: `${action}: x must not be disposed, received x.isDisposed = true`,
    },
    {
      title: `${name}() of nothing`,
      call: () => run(undefined, kernel()),
      type: TypeError,
      message: `${action}: x must be a tensor, received x = undefined`,
    },
    {
      title: `${name}() of a symbolic tensor`,
      call: () => run(tf.input({ shape: [5, 4, 6] }), kernel()),
      type: TypeError,
      message: `${action}: x must be a tensor, received x = an instance of SymbolicTensor`,
    },
    {
      title: `${name}() with stride 0`,
      call: () => run(x(), kernel(), { strides: [1, 0] }),
      type: RangeError,
      message: `${action}: strides must be an integer of at least 1, received strides = 0`,
    },
    {
      title: `${name}() with half a stride`,
      call: () => run(x(), kernel(), { strides: 1.5 }),
      type: RangeError,
      message: `${action}: strides must be an integer of at least 1, received strides = 1.5`,
    },
    {
      title: `${name}() with three strides`,
      call: () => run(x(), kernel(), { strides: [1, 2, 1] }),
      type: TypeError,
      message: `${action}: strides must be a number or [height, width], received strides = [1, 2, 1]`,
    },
    {
      title: `${name}() with dilation 0`,
      call: () => run(x(), kernel(), { dilations: 0 }),
      type: RangeError,
      message: `${action}: dilations must be an integer of at least 1, received dilations = 0`,
    },
    {
      title: `${name}() with negative padding`,
      call: () =>
        run(x(), kernel(), {
          padding: [
            [0, -1],
            [0, 0],
          ],
        }),
      type: RangeError,
      message: `${action}: padding must be an integer of at least 0, received padding = -1`,
    },
    {
      title: `${name}() with an unknown padding`,
      call: () => run(x(), kernel(), { padding: 'full' }),
      type: RangeError,
      message:
        `${action}: padding must be 'same', 'valid', a number, [height, width] or [[top, bottom], [left, right]], ` +
        "received padding = 'full'",
    },
    {
      title: `${name}() with an unknown paddingMode`,
      call: () => run(x(), kernel(), { paddingMode: 'symmetric' }),
      type: RangeError,
      message:
        `${action}: paddingMode must be one of 'zeros', 'reflect', 'replicate', 'circular', ` +
        "received paddingMode = 'symmetric'",
    },
    {
      title: `${name}() reflecting more than there is`,
      call: () => run(x(), kernel(), { paddingMode: 'reflect', padding: [0, 4] }),
      type: RangeError,
      message: `${action}: paddingMode 'reflect' allows at most 3 on an axis of size 4, received padding = 4`,
    },
    {
      title: `${name}() wrapping more than there is`,
      call: () => run(x(), kernel(), { paddingMode: 'circular', padding: [6, 0] }),
      type: RangeError,
      message: `${action}: paddingMode 'circular' allows at most 5 on an axis of size 5, received padding = 6`,
    },
    {
      title: `${name}() with a kernel that does not fit`,
      call: () => run(x(), kernel(), { dilations: [2, 7], padding: [0, 1] }),
      type: RangeError,
      message:
        `${action}: the kernel must fit into the padded input (kernel = [3, 2], dilations = [2, 7], padding = [0, 1]), ` +
        'received input size = [5, 4]',
    },
  ];
};

const OPERATORS: readonly Refusal[] = [
  {
    title: 'conv2d() with a filter of other channels',
    call: () => conv.conv2d(x(), image(3, 2, 4, 8)),
    type: RangeError,
    message:
      'Cannot run conv2d: filter.shape[2] × groups must equal the input channels 6 (groups = 1), ' +
      'received filter.shape = [3, 2, 4, 8]',
  },
  {
    title: 'conv2d() with groups that do not divide the input channels',
    call: () => conv.conv2d(x(), image(3, 2, 2, 8), { groups: 4 }),
    type: RangeError,
    message:
      'Cannot run conv2d: filter.shape[2] × groups must equal the input channels 6 (groups = 4), ' +
      'received filter.shape = [3, 2, 2, 8]',
  },
  {
    title: 'conv2d() with groups that do not divide the output channels',
    call: () => conv.conv2d(x(), image(3, 2, 2, 8), { groups: 3 }),
    type: RangeError,
    message: 'Cannot run conv2d: groups must divide the output channels 8, received groups = 3',
  },
  {
    title: 'conv2d() with no groups',
    call: () => conv.conv2d(x(), filter(), { groups: 0 }),
    type: RangeError,
    message: 'Cannot run conv2d: groups must be an integer of at least 1, received groups = 0',
  },
  {
    title: 'conv2d() with a bias of the wrong length',
    call: () => conv.conv2d(x(), filter(), { bias: tf.ones([6]) }),
    type: RangeError,
    message: 'Cannot run conv2d: bias must have shape [outChannels] = [8], received bias.shape = [6]',
  },
  {
    title: 'depthwiseConv2d() with a filter of other channels',
    call: () => conv.depthwiseConv2d(x(), image(3, 2, 1, 6)),
    type: RangeError,
    message:
      'Cannot run depthwiseConv2d: filter.shape[2] must equal the input channels 6, received filter.shape = [3, 2, 1, 6]',
  },
  {
    title: 'depthwiseConv2d() with a bias of the wrong length',
    call: () => conv.depthwiseConv2d(x(), image(3, 2, 6, 2), { bias: tf.ones([6]) }),
    type: RangeError,
    message:
      'Cannot run depthwiseConv2d: bias must have shape [channels · multiplier] = [12], received bias.shape = [6]',
  },
];

const TRANSPOSED: readonly Refusal[] = [
  {
    title: 'conv2dTranspose() of an int32 image',
    call: () => conv.conv2dTranspose(tf.cast(x(), 'int32'), image(3, 2, 4, 6)),
    type: TypeError,
    message: "Cannot run conv2dTranspose: x must be a float32 tensor, received x.dtype = 'int32'",
  },
  {
    title: 'conv2dTranspose() with a filter of other channels',
    call: () => conv.conv2dTranspose(x(), image(3, 2, 6, 4)),
    type: RangeError,
    message:
      'Cannot run conv2dTranspose: filter.shape[3] must equal the input channels 6, received filter.shape = [3, 2, 6, 4]',
  },
  {
    title: 'conv2dTranspose() with groups that do not divide the channels',
    call: () => conv.conv2dTranspose(x(), image(3, 2, 2, 6), { groups: 4 }),
    type: RangeError,
    message: 'Cannot run conv2dTranspose: groups must divide the input channels 6, received groups = 4',
  },
  {
    title: 'conv2dTranspose() with a bias of the wrong length',
    call: () => conv.conv2dTranspose(x(), image(3, 2, 4, 6), { groups: 2, bias: tf.ones([4]) }),
    type: RangeError,
    message: 'Cannot run conv2dTranspose: bias must have shape [outChannels] = [8], received bias.shape = [4]',
  },
  {
    title: 'conv2dTranspose() with an output padding of the stride',
    call: () =>
      conv.conv2dTranspose(x(), image(3, 2, 4, 6), { strides: [3, 2], padding: 'same', outputPadding: [2, 2] }),
    type: RangeError,
    message: 'Cannot run conv2dTranspose: outputPadding must be below the stride 2, received outputPadding = [2, 2]',
  },
  {
    title: 'conv2dTranspose() with an output padding of stride and dilation',
    call: () =>
      conv.conv2dTranspose(x(), image(3, 2, 4, 6), {
        strides: 2,
        dilations: [1, 3],
        padding: 0,
        outputPadding: [1, 3],
      }),
    type: RangeError,
    message:
      'Cannot run conv2dTranspose: outputPadding must be below the larger of stride 2 and dilation 3, ' +
      'received outputPadding = [1, 3]',
  },
  {
    title: 'conv2dTranspose() that leaves nothing',
    call: () => conv.conv2dTranspose(x(), image(1, 2, 4, 6), { padding: [3, 0] }),
    type: RangeError,
    message:
      'Cannot run conv2dTranspose: the output must not be empty (kernel = [1, 2], dilations = [1, 1], padding = [3, 0]), ' +
      'received input size = [5, 4]',
  },
];

const SHUFFLE: readonly Refusal[] = [
  {
    title: 'channelShuffle() with groups that do not divide the channels',
    call: () => conv.channelShuffle(x(), 4),
    type: RangeError,
    message: 'Cannot run channelShuffle: groups must divide the channels 6, received groups = 4',
  },
  {
    title: 'channelShuffle() of an int32 image',
    call: () => conv.channelShuffle(tf.cast(x(), 'int32'), 2),
    type: TypeError,
    message: "Cannot run channelShuffle: x must be a float32 tensor, received x.dtype = 'int32'",
  },
];

testRefusals([...COMMON('conv2d'), ...COMMON('depthwiseConv2d'), ...OPERATORS, ...TRANSPOSED, ...SHUFFLE]);

test('a refused call leaves no tensor behind', () => {
  const [picture, weights] = [x(), image(3, 2, 4, 8)];
  const before = tf.memory().numTensors;
  expect(() => conv.conv2d(picture, weights)).toThrow(RangeError);
  expect(() => conv.depthwiseConv2d(picture, weights)).toThrow(RangeError);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([picture, weights]);
});
