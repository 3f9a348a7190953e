/** Sizes that no backend can index, and empty filters and images: one error each, before anything is allocated. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { image, testRefusals, type Refusal } from '../support/refusals.js';

const one = (): tf.Tensor4D => image(1, 1, 1, 1);
const boxes = (): tf.Tensor2D => tf.tensor2d([[0, 0, 1, 1]]);
const indices = (): tf.Tensor1D => tf.tensor1d([0], 'int32');

/** Options that make the output of 1×1×1 images under 1×1 filters too large, and the rule in the message. */
const WINDOWS: readonly [options: conv.Conv2DOptions, rule: string][] = [
  [{ padding: 24000 }, 'output must have fewer than 2³¹ elements, received output.shape = [1, 48001, 48001, 1]'],
  [{ padding: 2 ** 30 }, `padding must be an integer of at most ${2 ** 29 - 1}, received padding = ${2 ** 30}`],
  [{ padding: [2 ** 28, 0] }, `padded image must be below 2²⁹ pixels, received padded image = [${2 ** 29 + 1}, 1]`],
  [{ strides: 2 ** 29 }, `strides must be an integer of at most ${2 ** 29 - 1}, received strides = ${2 ** 29}`],
  [
    { dilations: [1, 2 ** 29] },
    `dilations must be an integer of at most ${2 ** 29 - 1}, received dilations = ${2 ** 29}`,
  ],
];

const CONVOLUTIONS: readonly Refusal[] = WINDOWS.flatMap(([options, rule]) =>
  (
    [
      ['conv2d', () => conv.conv2d(one(), one(), options)],
      ['depthwiseConv2d', () => conv.depthwiseConv2d(one(), one(), options)],
      ['deformConv2d', () => conv.deformConv2d(one(), image(1, 1, 1, 2), one(), options)],
    ] as const
  ).map(([name, call]) => ({
    title: `${name}() with ${JSON.stringify(options)}`,
    call,
    type: RangeError,
    message: `Cannot run ${name}: ${rule}`,
  })),
);

/** The shape with an axis of size 0. */
function without(axis: number, shape: readonly [number, number, number, number]): [number, number, number, number] {
  return shape.map((size, index) => (index === axis ? 0 : size)) as [number, number, number, number];
}

const OPERATORS = ['conv2d', 'depthwiseConv2d', 'deformConv2d', 'conv2dTranspose'] as const;

const runOn = (name: (typeof OPERATORS)[number], x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor => {
  const options = { padding: 2 };
  return name === 'deformConv2d'
    ? conv.deformConv2d(x, image(1, 6, 6, 18), filter, options)
    : conv[name](x, filter, options);
};

const EMPTY_FILTERS = (axis: number): Refusal[] =>
  OPERATORS.map((name) => {
    const shape = without(axis, [3, 3, 4, 4]);
    return {
      title: `${name}() with a filter of [${shape.join(', ')}]`,
      call: () => runOn(name, image(1, 4, 4, 4), image(...shape)),
      type: RangeError,
      message: `Cannot run ${name}: filter must have no axis of size 0, received filter.shape = [${shape.join(', ')}]`,
    };
  });

const EMPTY_IMAGES = (axis: number): Refusal[] =>
  [...OPERATORS, 'resizeBilinear' as const].map((name) => {
    const shape = without(axis, [1, 4, 4, 4]);
    return {
      title: `${name}() of [${shape.join(', ')}]`,
      call: () =>
        name === 'resizeBilinear'
          ? conv.resizeBilinear(image(...shape), [2, 3])
          : runOn(name, image(...shape), image(3, 3, 4, 4)),
      type: RangeError,
      message: `Cannot run ${name}: x must have at least one pixel, received x.shape = [${shape.join(', ')}]`,
    };
  });

testRefusals([
  ...CONVOLUTIONS,
  {
    title: 'conv2dTranspose() with strides of 65536',
    call: () => conv.conv2dTranspose(image(1, 2, 2, 1), one(), { strides: 65536 }),
    type: RangeError,
    message:
      'Cannot run conv2dTranspose: image must have fewer than 2³¹ elements, received image.shape = [1, 131072, 131072, 1]',
  },
  {
    title: 'conv2dTranspose() with dilations of 65536',
    call: () => conv.conv2dTranspose(one(), image(2, 2, 1, 1), { dilations: 65536 }),
    type: RangeError,
    message:
      'Cannot run conv2dTranspose: image must have fewer than 2³¹ elements, received image.shape = [1, 65537, 65537, 1]',
  },
  {
    title: 'conv2d() with a replicated border of 24000 pixels',
    call: () => conv.conv2d(one(), one(), { padding: 24000, paddingMode: 'replicate' }),
    type: RangeError,
    message:
      'Cannot run conv2d: padded image must have fewer than 2³¹ elements, received padded image.shape = [1, 48001, 48001, 1]',
  },
  {
    title: 'resizeBilinear() to 65536 × 65536',
    call: () => conv.resizeBilinear(one(), [65536, 65536]),
    type: RangeError,
    message:
      'Cannot run resizeBilinear: output must have fewer than 2³¹ elements, received output.shape = [1, 65536, 65536, 1]',
  },
  ...(['roiAlign', 'roiPool', 'deformRoiPool'] as const).map((name) => ({
    title: `${name}() with 65536 × 65536 bins`,
    call: () => conv[name](one(), boxes(), indices(), { outputSize: 65536 }),
    type: RangeError,
    message: `Cannot run ${name}: output must have fewer than 2³¹ elements, received output.shape = [1, 65536, 65536, 1]`,
  })),
  ...([0, 1, 2, 3] as const).flatMap((axis) => EMPTY_FILTERS(axis)),
  ...([1, 2] as const).flatMap((axis) => EMPTY_IMAGES(axis)),
  {
    title: 'deformConv2dV3() of no channels',
    call: () => conv.deformConv2dV3(image(1, 4, 4, 0), image(1, 2, 2, 18), image(1, 2, 2, 9)),
    type: RangeError,
    message: 'Cannot run deformConv2dV3: x must have at least one channel, received x.shape = [1, 4, 4, 0]',
  },
]);
