/** Sizes of a transposed convolution: pure arithmetic, as in src/kernel/geometry.ts. */
import { rangeError, show, type Action } from '../../errors.js';
import { dilatedExtent, normalizePadding, toPair, WINDOW_OPTIONS, type WindowOptions } from '../../kernel/geometry.js';
import type { OptionNames } from '../../support/check_options.js';

/** Transposed window; `padding` is that of the plain convolution from output to input. */
export interface TransposedOptions extends WindowOptions {
  /**
   * Extra output rows and columns at the bottom and right. Must be less than max(stride, dilation) for numeric padding,
   * and less than the stride for `'same'` and `'valid'`.
   * @default 0 for numeric padding; for `'same'` and `'valid'` the value that makes the output i·s and max(k̂, s) + (i
   * − 1)·s
   */
  readonly outputPadding?: number | readonly [number, number] | undefined;
}

export const TRANSPOSED_OPTIONS = {
  ...WINDOW_OPTIONS,
  outputPadding: true,
} as const satisfies OptionNames<TransposedOptions>;

/** Output size of one axis, and the padding of the plain convolution that maps it back. */
interface TransposedAxis {
  readonly out: number;
  readonly before: number;
  readonly after: number;
}

/** Output size and padding of both axes of a transposed window over an image of `input`, both [height, width]. */
export function resolveTransposed(
  action: Action,
  input: readonly [number, number],
  kernel: readonly [number, number],
  options: TransposedOptions,
): readonly [TransposedAxis, TransposedAxis] {
  const strides = toPair(action, 'strides', options.strides ?? 1, 1);
  const dilations = toPair(action, 'dilations', options.dilations ?? 1, 1);
  const padding = normalizePadding(action, options.padding ?? 'valid');
  const extra =
    options.outputPadding === undefined ? undefined : toPair(action, 'outputPadding', options.outputPadding, 0);
  const axis = (index: 0 | 1): TransposedAxis => {
    const stride = strides[index];
    const extent = dilatedExtent(kernel[index], dilations[index]);
    const last = (input[index] - 1) * stride;
    const limit = typeof padding === 'string' ? stride : Math.max(stride, dilations[index]);
    if (extra !== undefined && extra[index] >= limit) {
      const rule =
        typeof padding === 'string'
          ? `outputPadding must be below the stride ${stride}`
          : `outputPadding must be below the larger of stride ${stride} and dilation ${dilations[index]}`;
      throw rangeError(action, rule, 'outputPadding', options.outputPadding);
    }
    if (padding === 'same') {
      // Zeros around the dilated input; the smaller part, at most k̂ − 1, goes to the right (as in JAX).
      const total = extra === undefined ? stride + extent - 2 : extent + (extent % 2) - 2 + extra[index];
      const left = Math.min(Math.ceil(total / 2), extent - 1);
      const out = last + total - extent + 2;
      const before = extent - 1 - left;
      return { out, before, after: last + extent - before - out };
    }
    if (padding === 'valid') {
      return { out: last + extent + (extra?.[index] ?? Math.max(extent, stride) - extent), before: 0, after: 0 };
    }
    const [before, after] = padding[index];
    return { out: last - before - after + extent + (extra?.[index] ?? 0), before, after };
  };
  const axes = [axis(0), axis(1)] as const;
  if (axes.some(({ out }) => out <= 0)) {
    const received = `kernel = ${show([...kernel])}, dilations = ${show([...dilations])}, padding = ${show(options.padding ?? 'valid')}`;
    throw rangeError(action, `the output must not be empty (${received})`, 'input size', [...input]);
  }
  return axes;
}
