/** Output sizes of conv2dTranspose as published by PyTorch and Keras: literals, not another copy of the formula. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';

type Options = conv.Conv2DTransposeOptions;
type Size = readonly [number, number];

/** Dumoulin and Visin, "A guide to convolution arithmetic" (2016), chapter 4, and torch.nn.ConvTranspose2d. */
const NUMERIC: readonly [input: number, kernel: number, options: Options, output: number][] = [
  [2, 3, { strides: 1, padding: 0 }, 4],
  [6, 4, { strides: 1, padding: 2 }, 5],
  [5, 3, { strides: 1, padding: 1 }, 5],
  [7, 3, { strides: 1, padding: 2 }, 5],
  [2, 3, { strides: 2, padding: 0 }, 5],
  [3, 3, { strides: 2, padding: 1 }, 5],
  [3, 3, { strides: 2, padding: 1, outputPadding: 1 }, 6],
  [4, 3, { strides: 2, padding: 1, outputPadding: 1 }, 8],
  [4, 4, { strides: 2, padding: 1 }, 8],
  [4, 3, { strides: 2, padding: 0, dilations: 2, outputPadding: 1 }, 12],
  [5, 3, { strides: 3, padding: 1, dilations: 2, outputPadding: 2 }, 17],
];

/** The vectors of Keras's own tests, and sizes computed with Keras 3. */
const KERAS: readonly [input: number, kernel: number, options: Options, output: number][] = [
  [8, 2, { strides: 3, padding: 'same', outputPadding: 2 }, 23],
  [8, 2, { strides: 2, padding: 'valid' }, 16],
  [14, 7, { strides: 16, padding: 'valid' }, 224],
  [4, 3, { strides: 2, padding: 'same' }, 8],
  [4, 3, { strides: 2, padding: 'same', outputPadding: 0 }, 7],
  [4, 3, { strides: 2, padding: 'same', outputPadding: 1 }, 8],
  [4, 3, { strides: 2, padding: 'valid' }, 9],
  [4, 3, { strides: 2, padding: 'valid', outputPadding: 1 }, 10],
  [4, 2, { strides: 3, padding: 'valid' }, 12],
  [4, 3, { strides: 1, padding: 'valid', dilations: 2 }, 8],
];

function sizeOf(input: Size, kernel: Size, options: Options): number[] {
  return tf.tidy(
    () => conv.conv2dTranspose(tf.ones<tf.Rank.R4>([1, ...input, 2]), tf.ones([...kernel, 3, 2]), options).shape,
  );
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each([...NUMERIC, ...KERAS])('conv2dTranspose() of %d pixels, kernel %d, options %j has %d', (...row) => {
  const [input, kernel, options, output] = row;
  expect(sizeOf([input, input], [kernel, kernel], options)).toEqual([1, output, output, 3]);
});

test('conv2dTranspose() of a rectangular kernel and stride, as Keras tests it', () => {
  expect(sizeOf([8, 8], [2, 3], { strides: [2, 1], padding: 'valid' })).toEqual([1, 16, 10, 3]);
});
