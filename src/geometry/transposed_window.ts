/** Window of a transposed convolution. */
import { toPair, type Pair } from '../kernel/geometry.js';
import { resolveTransposed, TRANSPOSED_OPTIONS, type TransposedOptions } from '../ops/conv2d_transpose/window.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import type { Place, TapRead, WindowOfReads } from './reads.js';
import { kernelTaps } from './sliding_window.js';

/** Options of {@link transposedWindow}. */
export interface TransposedWindowOptions extends TransposedOptions {
  /** [height, width] of the image, in cells. */
  readonly inputSize: Pair;
  /** Kernel size in taps. */
  readonly kernelSize: Pair;
}

const ACTION = 'place the transposed kernel';
const OPTIONS = {
  ...TRANSPOSED_OPTIONS,
  inputSize: true,
  kernelSize: true,
} as const satisfies OptionNames<TransposedWindowOptions>;

/**
 * Finds the input cells that contribute to every output cell of a transposed convolution. The kernel spreads each input
 * cell over the output, so output o meets tap a at input (o + p − a·d) / s if that is an integer inside the image;
 * other taps are not read.
 *
 * `padding` of the result is the amount cropped from the output.
 *
 * @param options sizes in cells, and the window as `conv2dTranspose` takes it; see {@link TransposedWindowOptions}
 * @returns sizes, and a function that gives the reads of an output cell
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
