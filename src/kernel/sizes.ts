/** Size limits of all backends: kernels and shaders use 32-bit integers, which must hold sums of several sizes. */
import { rangeError, type Action } from '../errors.js';
import { checkAxes, checkExtent, type ConvGeometry } from './geometry.js';

/** Maximum number of elements of a tensor. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** Returns the number of elements of a tensor. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Throws if a tensor, input or output, has more elements than kernels can index; an unknown size counts as 1. */
export function checkElements(action: Action, name: string, shape: readonly (number | null)[]): void {
  const sizes = shape.map((size) => size ?? 1);
  // A size of 0 would hide the others in the product, and with infinities it may be NaN.
  if (![sizeOf(sizes), ...sizes].every((count) => count <= MOST_ELEMENTS)) {
    throw rangeError(action, `${name} must have fewer than 2³¹ elements`, `${name}.shape`, shape);
  }
}

/** Throws if the output or image of a convolution has too many elements or too long an axis. */
export function checkSizes(action: Action, g: ConvGeometry): void {
  checkElements(action, 'output', [g.batch, g.outHeight, g.outWidth, g.outChannels]);
  checkElements(action, 'image', [g.batch, g.inHeight, g.inWidth, g.inChannels]);
  checkAxes(action, 'strides', [g.strideHeight, g.strideWidth]);
  checkAxes(action, 'dilations', [g.dilationHeight, g.dilationWidth]);
  checkExtent(action, [g.kernelHeight, g.kernelWidth], [g.dilationHeight, g.dilationWidth]);
  checkAxes(action, 'padded image', [g.padTop + g.inHeight + g.padBottom, g.padLeft + g.inWidth + g.padRight]);
}
