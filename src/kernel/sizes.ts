/** Size limits of all backends: kernels and shaders use 32-bit integers, which must hold sums of several sizes. */
import { rangeError, type Action } from '../errors.js';
import type { ConvGeometry } from './geometry.js';

/** Maximum number of elements of a tensor. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** Maximum number of pixels along an axis, padding included: the sum of four such numbers fits in 32 bits. */
const LONGEST = 2 ** 29 - 1;

/** Returns the number of elements of a tensor. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Throws if a tensor, input or output, has more elements than kernels can index. */
export function checkElements(action: Action, name: string, shape: readonly number[]): void {
  const elements = sizeOf(shape);
  // A size of 0 would hide the others in the product, and with infinities it may be NaN.
  if (![elements, ...shape].every((count) => count <= MOST_ELEMENTS)) {
    throw rangeError(action, `${name} must have fewer than 2³¹ elements`, `${name}.shape`, shape);
  }
}

/** Throws if the output or image of a convolution has too many elements or too long an axis. */
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
