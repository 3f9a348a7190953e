/** Sizes that every backend can count: kernels and shaders have 32-bit integers, and sums of several must fit. */
import { rangeError, type Action } from '../errors.js';
import type { ConvGeometry } from './geometry.js';

/** Elements of one tensor at most. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** Pixels along an axis at most, padding included: sums of four such numbers are 32-bit integers. */
const LONGEST = 2 ** 29 - 1;

/** Number of elements of a tensor. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Refuses a tensor, input or output, of more elements than kernels can count. */
export function checkElements(action: Action, name: string, shape: readonly number[]): void {
  const elements = sizeOf(shape);
  // A product with a size of 0 says nothing of the others, and one of infinities is NaN.
  if (![elements, ...shape].every((count) => count <= MOST_ELEMENTS)) {
    throw rangeError(action, `${name} must have fewer than 2³¹ elements`, `${name}.shape`, shape);
  }
}

/** Refuses a convolution whose output or image has too many elements, or one of whose axes is too long. */
export function checkSizes(action: Action, g: ConvGeometry): void {
  checkElements(action, 'output', [g.batch, g.outHeight, g.outWidth, g.outChannels]);
  checkElements(action, 'image', [g.batch, g.inHeight, g.inWidth, g.inChannels]);
  const pairs = {
    strides: [g.strideHeight, g.strideWidth],
    dilations: [g.dilationHeight, g.dilationWidth],
    'kernel extent': [(g.kernelHeight - 1) * g.dilationHeight, (g.kernelWidth - 1) * g.dilationWidth],
    'padded image': [g.padTop + g.inHeight + g.padBottom, g.padLeft + g.inWidth + g.padRight],
  };
  for (const [name, pair] of Object.entries(pairs)) {
    if (!pair.every((pixels) => pixels <= LONGEST)) {
      throw rangeError(action, `${name} must be below 2²⁹ pixels`, name, pair);
    }
  }
}
