/** Sizes that no backend can count: one error each, before anything is allocated. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { image, testRefusals, type Refusal } from '../support/refusals.js';

const one = (): tf.Tensor4D => image(1, 1, 1, 1);
const boxes = (): tf.Tensor2D => tf.tensor2d([[0, 0, 1, 1]]);
const indices = (): tf.Tensor1D => tf.tensor1d([0], 'int32');

/** Options that make an output of 1×1×1 images under 1×1 filters too large, and what the message says of it. */
const WINDOWS: readonly [options: conv.Conv2DOptions, rule: string][] = [
  [{ padding: 24000 }, 'output must have fewer than 2³¹ elements, received output.shape = [1, 48001, 48001, 1]'],
  [
    { padding: 2 ** 30 },
    `output must have fewer than 2³¹ elements, received output.shape = [1, ${2 ** 31 + 1}, ${2 ** 31 + 1}, 1]`,
  ],
  [{ padding: [2 ** 28, 0] }, `padded image must be below 2²⁹ pixels, received padded image = [${2 ** 29 + 1}, 1]`],
  [{ strides: 2 ** 29 }, `strides must be below 2²⁹ pixels, received strides = [${2 ** 29}, ${2 ** 29}]`],
  [{ dilations: [1, 2 ** 29] }, `dilations must be below 2²⁹ pixels, received dilations = [1, ${2 ** 29}]`],
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
]);
