/** The window of a transposed convolution. */
import { toPair, type Pair } from '../kernel/geometry.js';
import { resolveTransposed, TRANSPOSED_OPTIONS, type TransposedOptions } from '../ops/conv2d_transpose/window.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import type { Place, TapRead, WindowOfReads } from './reads.js';
import { kernelTaps } from './sliding_window.js';

/** Options of {@link transposedWindow}. */
export interface TransposedWindowOptions extends TransposedOptions {
  /** [height, width] of the image, in cells. */
  readonly inputSize: Pair;
  /** Size of the kernel, in taps. */
  readonly kernelSize: Pair;
}

const ACTION = 'place the transposed kernel';
const OPTIONS = {
  ...TRANSPOSED_OPTIONS,
  inputSize: true,
  kernelSize: true,
} as const satisfies OptionNames<TransposedWindowOptions>;

/**
 * Which input cells add to every output cell of a transposed convolution. Every input cell is spread over the output by
 * the kernel, so output o meets tap a of input (o + p − a·d) / s, where that is whole and inside; no other tap is read.
 *
 * The `padding` of the result is what is cut off the output.
 *
 * @param options sizes in cells, and the window as `conv2dTranspose` takes it; see {@link TransposedWindowOptions}
 * @returns sizes, and a function that tells the reads of an output cell
 * @throws TypeError for a wrong type; RangeError for an empty output, or an output padding that is too large
 * @see Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), section 4
 * @example
 * ```ts
 * import { transposedWindow } from 'tfjs-convolutions/geometry';
 *
 * const window = transposedWindow({ inputSize: 4, kernelSize: 3, strides: 2 });
 * console.log(window.outputSize); // [9, 9]
 * console.log(window.reads(2, 2).length, window.reads(3, 3).length); // 4 1
 * ```
 */
export function transposedWindow(options: TransposedWindowOptions): WindowOfReads {
  checkOptions(ACTION, options, OPTIONS);
  const inputSize = toPair(ACTION, 'inputSize', options.inputSize, 1);
  const kernelSize = toPair(ACTION, 'kernelSize', options.kernelSize, 1);
  const strides = toPair(ACTION, 'strides', options.strides ?? 1, 1);
  const dilations = toPair(ACTION, 'dilations', options.dilations ?? 1, 1);
  const axes = resolveTransposed(ACTION, inputSize, kernelSize, options);
  const reads = (y: number, x: number): TapRead[] =>
    kernelTaps(kernelSize).flatMap((tap) => {
      const along = (at: number, axis: 0 | 1): number =>
        (at + axes[axis].before - tap[axis] * dilations[axis]) / strides[axis];
      const place: Place = [along(y, 0), along(x, 1)];
      const isRead = place.every((at, axis) => Number.isInteger(at) && at >= 0 && at < inputSize[axis]!);
      return isRead ? [{ tap, place, cell: place }] : [];
    });
  return {
    outputSize: [axes[0].out, axes[1].out],
    padding: [
      [axes[0].before, axes[0].after],
      [axes[1].before, axes[1].after],
    ],
    reads,
  };
}
