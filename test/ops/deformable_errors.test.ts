/** Errors of the deformable convolutions for invalid arguments. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { anything, filter, image, testRefusals, x, type Refusal } from '../support/refusals.js';

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

const V3 = 'Cannot run deformConv2dV3';

/** 5×4 pixels under a 3×2 kernel: 3×3 positions with 6 taps. */
const deformV3 = (options: conv.DeformConv2DV3Options, offsets = 12, masks = 6): unknown =>
  conv.deformConv2dV3(x(), offset(2, 3, 3, offsets), offset(2, 3, 3, masks), { kernelSize: [3, 2], ...options });

const VERSION_3: readonly Refusal[] = [
  {
    title: 'deformConv2dV3() with groups that do not divide the channels',
    call: () => deformV3({ groups: 4 }),
    type: RangeError,
    message: `${V3}: groups must divide the channels 6, received groups = 4`,
  },
  {
    title: 'deformConv2dV3() with an offset of the wrong shape',
    call: () => deformV3({ groups: 2 }, 12, 12),
    type: RangeError,
    message: `${V3}: offset must have shape [n, outH, outW, groups·P·2] = [2, 3, 3, 24], received offset.shape = [2, 3, 3, 12]`,
  },
  {
    title: 'deformConv2dV3() with a mask of the wrong shape',
    call: () => deformV3({ groups: 2 }, 24, 6),
    type: RangeError,
    message: `${V3}: mask must have shape [n, outH, outW, groups·P] = [2, 3, 3, 12], received mask.shape = [2, 3, 3, 6]`,
  },
  {
    title: 'deformConv2dV3() without the middle of an even kernel',
    call: () => deformV3({ removeCenter: true }),
    type: RangeError,
    message: `${V3}: removeCenter needs a kernel of odd height and width, received kernelSize = [3, 2]`,
  },
  {
    title: 'deformConv2dV3() with a scale that is no number',
    call: () => deformV3({ offsetScale: anything('1') }),
    type: TypeError,
    message: `${V3}: offsetScale must be a number, received offsetScale = '1'`,
  },
  {
    title: 'deformConv2dV3() with an infinite scale',
    call: () => deformV3({ offsetScale: Infinity }),
    type: RangeError,
    message: `${V3}: offsetScale must be finite, received offsetScale = Infinity`,
  },
  {
    title: 'deformConv2dV3() of an int32 mask',
    call: () =>
      conv.deformConv2dV3(x(), offset(2, 3, 3, 12), tf.cast(offset(2, 3, 3, 6), 'int32'), { kernelSize: [3, 2] }),
    type: TypeError,
    message: `${V3}: mask must be a float32 tensor, received mask.dtype = 'int32'`,
  },
];

testRefusals([...DEFORMABLE, ...VERSION_3]);
