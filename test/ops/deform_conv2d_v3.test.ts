/** deformConv2dV3 against the float64 oracle: value and every gradient, over all backends. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64 } from '../oracle/array64.js';
import { depthwiseConv2d as depthwiseOracle } from '../oracle/depthwise_conv2d.js';
import { deformConv2dV3 as deformV3Oracle, type DeformConv2DV3Options } from '../oracle/deform_conv2d_v3.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { checkOp, toTensors, valueAndGradients } from '../support/gradient_check.js';
import { deformV3Inputs, type Shape4 } from '../support/inputs.js';
import { deformConv2dV3Case, runDeformConv2dV3 } from '../support/ops.js';
import { scoped } from '../support/scoped.js';

const DEFAULTS = { kernelSize: [3, 3], groups: 1, offsetScale: 1, removeCenter: false, softmax: true } as const;

const FORMS: readonly [title: string, x: Shape4, options: Partial<DeformConv2DV3Options>][] = [
  ['no options but a kernel', [2, 4, 3, 2], { kernelSize: [3, 2] }],
  ['groups', [1, 3, 4, 6], { kernelSize: [2, 3], groups: 3, padding: [1, 0] }],
  ['a group for each channel', [1, 3, 4, 3], { kernelSize: [2, 3], groups: 3 }],
  ['version 4, without softmax', [1, 4, 3, 4], { kernelSize: [3, 2], groups: 2, softmax: false, padding: [0, 1] }],
  ['an offset scale of 2', [1, 4, 3, 2], { kernelSize: [3, 2], offsetScale: 2, padding: 1 }],
  ['an offset scale of ½', [1, 4, 5, 2], { kernelSize: [3, 5], offsetScale: 0.5, padding: [1, 2], strides: [2, 1] }],
  ['the middle tap left out', [1, 3, 4, 4], { groups: 2, removeCenter: true, padding: 1 }],
  ['a long kernel without its middle', [1, 5, 3, 2], { kernelSize: [5, 1], removeCenter: true, softmax: false }],
  ['stride with dilation', [1, 7, 6, 2], { kernelSize: [3, 2], strides: [2, 3], dilations: [2, 3], padding: [1, 2] }],
  ['dilation with a scale', [1, 6, 7, 2], { kernelSize: [2, 3], dilations: [3, 2], offsetScale: 2, strides: [2, 1] }],
  [
    'padding on four sides, a rectangular kernel without its middle, everything at once',
    [1, 5, 4, 4],
    {
      kernelSize: [3, 5],
      groups: 2,
      strides: [2, 1],
      dilations: [1, 2],
      padding: [
        [2, 1],
        [4, 3],
      ],
      offsetScale: 1.5,
      removeCenter: true,
    },
  ],
  ["padding 'same'", [1, 4, 5, 2], { kernelSize: [2, 3], padding: 'same', strides: [1, 2] }],
];

const cases = FORMS.map(([title, x, form], index) => {
  const options = { ...DEFAULTS, ...form };
  return [title, deformConv2dV3Case(deformV3Inputs(index + 1, x, options), options)] as const;
});

describeBackends('deformConv2dV3()', (backend) => {
  test.each(cases)('matches the oracle in value and gradients: %s', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test.each([
    [1, true],
    [1, false],
    [3, true],
    [3, false],
  ] as const)('reads nothing at a middle tap that is left out, not even NaN: %d×%d', async (size, softmax) => {
    const options = { ...DEFAULTS, kernelSize: [size, size], removeCenter: true, softmax, dilations: 2 } as const;
    const extent = 2 * size - 1;
    const inputs = deformV3Inputs(31, [2, extent, extent, 3], options);
    // Offsets of zero, and two pixels from tap to tap: none of the others reads the middle pixel, with any weight.
    const zero = { ...inputs, offset: array64(inputs.offset.shape) };
    const middle = (extent * extent - 1) / 2;
    const x = array64(zero.x.shape, (index) =>
      Math.floor(index / 3) % (extent * extent) === middle ? NaN : zero.x.data[index]!,
    );
    await scoped(async () => {
      const given = valueAndGradients(
        runDeformConv2dV3(options),
        toTensors({ ...zero, x }),
        ['x', 'mask'],
        tf.ones([2, 1, 1, 3]),
      );
      const finite = array64(x.shape, (index) => (Number.isNaN(x.data[index]!) ? 0 : x.data[index]!));
      await expectClose(given.y, deformV3Oracle({ ...zero, x: finite }, options), backend.tolerance);
      for (const gradient of Object.values(given.gradients)) {
        expect([...(await gradient.data())].every(Number.isFinite)).toBe(true);
      }
    });
  });

  test('takes 3×3 taps, one group and a softmax unless told otherwise', async () => {
    const inputs = deformV3Inputs(30, [2, 4, 5, 3], DEFAULTS);
    await scoped(async () => {
      await expectClose(runDeformConv2dV3({})(toTensors(inputs)), deformV3Oracle(inputs, DEFAULTS), backend.tolerance);
    });
  });

  test('at zero offsets is a depthwise convolution with the weights of the position', async () => {
    const options = { ...DEFAULTS, softmax: false, padding: 1 } as const;
    const { x, offset, mask } = deformV3Inputs(31, [1, 4, 5, 3], options);
    // The same weights at every position.
    const constant = array64(mask.shape, (index) => mask.data[index % 9]!);
    const filter = array64([3, 3, 3, 1], (index) => mask.data[Math.floor(index / 3)]!);
    await scoped(async () => {
      const got = runDeformConv2dV3(options)(toTensors({ x, offset: array64(offset.shape), mask: constant }));
      await expectClose(got, depthwiseOracle({ x, filter }, { padding: 1 }), backend.tolerance);
    });
  });

  test('of a 3-D image, offset and mask is 3-D', async () => {
    const options = { ...DEFAULTS, padding: 1 } as const;
    const inputs = deformV3Inputs(32, [1, 4, 5, 3], options);
    const want = deformV3Oracle(inputs, options);
    await scoped(async () => {
      const { x, offset, mask } = toTensors(inputs);
      const [image, shifts, weights] = [x, offset, mask].map((tensor) => tf.squeeze<tf.Tensor3D>(tensor!, [0]));
      const got = conv.deformConv2dV3(image!, shifts!, weights!, { padding: 1 });
      await expectClose(got, { shape: want.shape.slice(1), data: want.data }, backend.tolerance);
    });
  });

  test('leaves a batch of 0 empty, with gradients of the right shapes', () => {
    tf.tidy(() => {
      const inputs = [tf.zeros([0, 4, 5, 4]), tf.zeros([0, 2, 3, 36]), tf.zeros([0, 2, 3, 18])];
      const run = (...[image, shifts, weights]: tf.Tensor[]): tf.Tensor =>
        conv.deformConv2dV3(image as tf.Tensor4D, shifts as tf.Tensor4D, weights as tf.Tensor4D, { groups: 2 });
      expect(run(...inputs).shape).toEqual([0, 2, 3, 4]);
      const gradients = tf.grads(run)(inputs, tf.zeros([0, 2, 3, 4]));
      expect(gradients.map(({ shape }) => shape)).toEqual(inputs.map(({ shape }) => shape));
    });
  });
});
