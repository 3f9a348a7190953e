/** Window of a plain, dilated, depthwise, grouped or pointwise convolution. */
import { checkOneOf } from '../errors.js';
import {
  PADDING_MODES,
  resolveWindow,
  toPair,
  WINDOW_OPTIONS,
  type PaddingMode,
  type Pair,
  type WindowOptions,
} from '../kernel/geometry.js';
import { checkBorder, sourceOf } from '../ops/pad_image/border.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import type { Place, TapRead, WindowOfReads } from './reads.js';

/** Options of {@link slidingWindow}. */
export interface SlidingWindowOptions extends WindowOptions {
  /** [height, width] of the image, in cells. */
  readonly inputSize: Pair;
  /** Kernel size in taps. */
  readonly kernelSize: Pair;
  /** How to pad the image. @default 'zeros' */
  readonly paddingMode?: PaddingMode;
}

const ACTION = 'slide the kernel';
const OPTIONS = {
  ...WINDOW_OPTIONS,
  inputSize: true,
  kernelSize: true,
  paddingMode: true,
} as const satisfies OptionNames<SlidingWindowOptions>;

/**
 * Slides a kernel over an image: computes the output size, the padding, and the cell that every tap reads.
 *
 * The output size along an axis is ⌊(i + p₀ + p₁ − k̂) / s⌋ + 1 with k̂ = (k − 1)·d + 1, or ⌈i / s⌉ for `'same'`.
 *
 * @param options sizes in cells, and strides, padding and dilations as `conv2d` takes them; see {@link
 * SlidingWindowOptions}
 * @returns sizes, and a function that gives the reads of an output cell
 * @throws TypeError for a wrong type; RangeError for a kernel that does not fit, or padding that its mode does not allow
 * @see Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), section 2
 * @example
 * ```ts
 * import { slidingWindow } from 'tfjs-convolutions/geometry';
 *
 * const window = slidingWindow({ inputSize: 7, kernelSize: 3, strides: 2, padding: 1, dilations: 2 });
 * console.log(window.outputSize); // [3, 3]
 * console.log(window.reads(0, 0).map(({ cell }) => cell).at(-1)); // [3, 3]
 * ```
 */
export function slidingWindow(options: SlidingWindowOptions): WindowOfReads {
  checkOptions(ACTION, options, OPTIONS);
  const inputSize = toPair(ACTION, 'inputSize', options.inputSize, 1);
  const kernelSize = toPair(ACTION, 'kernelSize', options.kernelSize, 1);
  const { outHeight, outWidth, strides, dilations, ...pads } = resolveWindow(ACTION, inputSize, kernelSize, options);
  const padding = [
    [pads.padTop, pads.padBottom],
    [pads.padLeft, pads.padRight],
  ] as const;
  const mode = checkOneOf(ACTION, 'paddingMode', options.paddingMode ?? 'zeros', PADDING_MODES);
  if (mode !== 'zeros') {
    for (const axis of [0, 1] as const) checkBorder(ACTION, inputSize[axis], padding[axis], mode);
  }

  /** Source of a position along one axis; a stride that ends early may leave padding unread, but never overruns it. */
  const source = (at: number, axis: 0 | 1): number | null => {
    const size = inputSize[axis];
    if (mode === 'zeros') return at >= 0 && at < size ? at : null;
    return sourceOf(at, size, mode);
  };
  const reads = (y: number, x: number): TapRead[] =>
    kernelTaps(kernelSize).map((tap) => {
      const place = [
        y * strides[0] - pads.padTop + tap[0] * dilations[0],
        x * strides[1] - pads.padLeft + tap[1] * dilations[1],
      ] as const;
      const [row, column] = [source(place[0], 0), source(place[1], 1)];
      return { tap, place, cell: row === null || column === null ? null : [row, column] };
    });
  return { outputSize: [outHeight, outWidth], padding, reads };
}

/** All (row, column) of a kernel, row by row. */
export function kernelTaps([height, width]: Place): Place[] {
  return Array.from({ length: height * width }, (_, tap) => [Math.floor(tap / width), tap % width]);
}
