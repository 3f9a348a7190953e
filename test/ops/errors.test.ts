/** What the operators say about arguments that they cannot take: kind of error and exact words. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';

interface Refusal {
  readonly title: string;
  readonly call: () => unknown;
  readonly type: typeof TypeError | typeof RangeError;
  readonly message: string;
}

const image = (...shape: [number, number, number, number]): tf.Tensor4D => tf.ones(shape);
const anything = (value: unknown): never => value as never;

/** An image of 6 channels and a filter that fits it. */
const x = (): tf.Tensor4D => image(2, 5, 4, 6);
const filter = (): tf.Tensor4D => image(3, 2, 6, 8);

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
      title: `${name}() of nothing`,
      call: () => run(undefined, kernel()),
      type: TypeError,
      message: `${action}: x must be a tensor, received x = undefined`,
    },
    {
      title: `${name}() of a symbolic tensor`,
      call: () => run(tf.input({ shape: [5, 4, 6] }), kernel()),
      type: TypeError,
      message: `${action}: x must be a tensor, received x = function SymbolicTensor`,
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

const offset = (...shape: [number, number, number, number]): tf.Tensor4D => tf.zeros(shape);
const DEFORM = 'Cannot run deformConv2d';

/** The image of 5×4 pixels under a 3×2 kernel gives 3×3 positions with 6 taps. */
const DEFORMABLE: readonly Refusal[] = [
  {
    title: 'deformConv2d() of an int32 image',
    call: () => conv.deformConv2d(tf.cast(x(), 'int32'), offset(2, 3, 3, 12), filter()),
    type: TypeError,
    message: `${DEFORM}: x must be a float32 tensor, received x.dtype = 'int32'`,
  },
  {
    title: 'deformConv2d() of an int32 offset',
    call: () => conv.deformConv2d(x(), tf.cast(offset(2, 3, 3, 12), 'int32'), filter()),
    type: TypeError,
    message: `${DEFORM}: offset must be a float32 tensor, received offset.dtype = 'int32'`,
  },
  {
    title: 'deformConv2d() of a 4-D image with a 3-D offset',
    call: () => conv.deformConv2d(x(), anything(tf.zeros([3, 3, 12])), filter()),
    type: RangeError,
    message: `${DEFORM}: offset must have rank 4, received offset.shape = [3, 3, 12]`,
  },
  {
    title: 'deformConv2d() with an offset of the wrong size',
    call: () => conv.deformConv2d(x(), offset(2, 5, 4, 12), filter()),
    type: RangeError,
    message: `${DEFORM}: offset must have shape [n, outH, outW, offsetGroups·kh·kw·2] = [2, 3, 3, 12], received offset.shape = [2, 5, 4, 12]`,
  },
  {
    title: 'deformConv2d() with an offset of another batch',
    call: () => conv.deformConv2d(x(), offset(1, 3, 3, 12), filter()),
    type: RangeError,
    message: `${DEFORM}: offset must have shape [n, outH, outW, offsetGroups·kh·kw·2] = [2, 3, 3, 12], received offset.shape = [1, 3, 3, 12]`,
  },
  {
    title: 'deformConv2d() with an offset that is no whole number of groups',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 13), filter()),
    type: RangeError,
    message: `${DEFORM}: the last axis of offset must be a multiple of 2·kh·kw = 12, received offset.shape = [2, 3, 3, 13]`,
  },
  {
    title: 'deformConv2d() with other offset groups than the offset has',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 12), filter(), { offsetGroups: 2 }),
    type: RangeError,
    message: `${DEFORM}: offset must have shape [n, outH, outW, offsetGroups·kh·kw·2] = [2, 3, 3, 24], received offset.shape = [2, 3, 3, 12]`,
  },
  {
    title: 'deformConv2d() with offset groups that do not divide the channels',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 48), filter()),
    type: RangeError,
    message: `${DEFORM}: offsetGroups must divide the input channels 6, received offsetGroups = 4`,
  },
  {
    title: 'deformConv2d() with a mask of the wrong shape',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 12), filter(), { mask: offset(2, 3, 3, 12) }),
    type: RangeError,
    message: `${DEFORM}: mask must have shape [n, outH, outW, offsetGroups·kh·kw] = [2, 3, 3, 6], received mask.shape = [2, 3, 3, 12]`,
  },
  {
    title: 'deformConv2d() with an int32 mask',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 12), filter(), { mask: tf.cast(offset(2, 3, 3, 6), 'int32') }),
    type: TypeError,
    message: `${DEFORM}: mask must be a float32 tensor, received mask.dtype = 'int32'`,
  },
  {
    title: 'deformConv2d() with a filter whose channels do not divide the image’s',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 12), image(3, 2, 4, 8)),
    type: RangeError,
    message: `${DEFORM}: filter.shape[2] × groups must equal the input channels 6, received filter.shape = [3, 2, 4, 8]`,
  },
  {
    title: 'deformConv2d() with groups other than the filter has',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 12), image(3, 2, 3, 8), { groups: 3 }),
    type: RangeError,
    message: `${DEFORM}: filter.shape[2] × groups must equal the input channels 6 (groups = 3), received filter.shape = [3, 2, 3, 8]`,
  },
  {
    title: 'deformConv2d() with output channels that the groups do not divide',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 12), image(3, 2, 2, 8)),
    type: RangeError,
    message: `${DEFORM}: groups must divide the output channels 8, received groups = 3`,
  },
  {
    title: 'deformConv2d() with a bias of the wrong length',
    call: () => conv.deformConv2d(x(), offset(2, 3, 3, 12), filter(), { bias: tf.ones([6]) }),
    type: RangeError,
    message: `${DEFORM}: bias must have shape [outChannels] = [8], received bias.shape = [6]`,
  },
  {
    title: 'deformConv2d() with a kernel that does not fit',
    call: () =>
      conv.deformConv2d(x(), offset(2, 3, 3, 12), filter(), {
        dilations: 3,
        padding: [
          [0, 1],
          [2, 0],
        ],
      }),
    type: RangeError,
    message: `${DEFORM}: the kernel must fit into the padded input (kernel = [3, 2], dilations = [3, 3], padding = [[0, 1], [2, 0]]), received input size = [5, 4]`,
  },
];

const NORMALIZATION: readonly Refusal[] = [
  {
    title: 'batchNorm() of a 1-D tensor',
    call: () => conv.batchNorm(tf.ones([5])),
    type: RangeError,
    message: 'Cannot run batchNorm: x must have rank 2 or 3 or 4 or 5, received x.shape = [5]',
  },
  {
    title: 'batchNorm() of an int32 tensor',
    call: () => conv.batchNorm(tf.ones([5, 3], 'int32')),
    type: TypeError,
    message: "Cannot run batchNorm: x must be a float32 tensor, received x.dtype = 'int32'",
  },
  {
    title: 'batchNorm() with a gamma of the wrong length',
    call: () => conv.batchNorm(tf.ones([5, 3]), { gamma: tf.ones([5]) }),
    type: RangeError,
    message: 'Cannot run batchNorm: gamma must have shape [channels] = [3], received gamma.shape = [5]',
  },
  {
    title: 'batchNorm() with a negative epsilon',
    call: () => conv.batchNorm(tf.ones([5, 3]), { epsilon: -1 }),
    type: RangeError,
    message: 'Cannot run batchNorm: epsilon must be at least 0, received epsilon = -1',
  },
  {
    title: 'batchNorm() with an unknown activation',
    call: () => conv.batchNorm(tf.ones([5, 3]), { activation: anything('elu') }),
    type: RangeError,
    message: "Cannot run batchNorm: activation must be one of 'linear', 'relu', 'relu6', received activation = 'elu'",
  },
  {
    title: 'batchNormInference() with a mean of the wrong length',
    call: () => conv.batchNormInference(tf.ones([5, 3]), tf.ones([2]), tf.ones([3])),
    type: RangeError,
    message: 'Cannot run batchNormInference: mean must have shape [channels] = [3], received mean.shape = [2]',
  },
];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each([...COMMON('conv2d'), ...COMMON('depthwiseConv2d'), ...OPERATORS, ...DEFORMABLE, ...NORMALIZATION])(
  '$title is refused with a clear message',
  ({ call, type, message }) => {
    let thrown: unknown;
    tf.tidy(() => {
      try {
        call();
      } catch (error) {
        thrown = error;
      }
    });
    expect(thrown).toBeInstanceOf(type);
    expect((thrown as Error).message).toBe(message);
  },
);

test('a refused call leaves no tensor behind', () => {
  const [picture, weights, shifts] = [x(), image(3, 2, 4, 8), offset(2, 3, 3, 12)];
  const before = tf.memory().numTensors;
  expect(() => conv.conv2d(picture, weights)).toThrow(RangeError);
  expect(() => conv.deformConv2d(picture, shifts, weights)).toThrow(RangeError);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([picture, weights, shifts]);
});
