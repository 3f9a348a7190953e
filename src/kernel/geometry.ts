/**
 * Pure arithmetic shared by every convolution: padding, output size, taps.
 *
 * Padding is resolved here, once: `'same'`, `'valid'`, numbers, pairs and four-sided padding all become amounts for the
 * top, bottom, left and right before they reach a kernel. Everything is (y, x) = [height, width]. k̂ = (k − 1)·d + 1 is
 * the extent of a dilated kernel.
 */
import { checkInteger, rangeError, show, typeError, type Action } from '../errors.js';
import type { OptionNames } from '../support/check_options.js';
import type { FusedActivation } from './fused_activation.js';

/** A number for both axes, or [height, width]. */
export type Pair = number | readonly [number, number];

/**
 * `'same'` (TensorFlow's: output ⌈i / s⌉, the extra row or column at the bottom and right), `'valid'`, a number for all
 * four sides, [height, width], or [[top, bottom], [left, right]].
 */
export type Padding =
  | 'same'
  | 'valid'
  | number
  | readonly [number, number]
  | readonly [readonly [number, number], readonly [number, number]];

/** How to pad the image (PyTorch's names). */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

export const PADDING_MODES = ['zeros', 'reflect', 'replicate', 'circular'] as const satisfies readonly PaddingMode[];

/** Everything a convolution kernel needs to know, computed once. All counts are in elements. */
export interface ConvGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padBottom: number;
  readonly padLeft: number;
  readonly padRight: number;
  readonly groups: number;
  /** Activation of a fused forward kernel. @default 'linear' */
  readonly activation?: FusedActivation;
}

/** Geometry fields that kernels read, except the batch size, in the order of the wasm kernels. */
export const GEOMETRY_FIELDS = [
  'inHeight',
  'inWidth',
  'inChannels',
  'outHeight',
  'outWidth',
  'outChannels',
  'kernelHeight',
  'kernelWidth',
  'strideHeight',
  'strideWidth',
  'dilationHeight',
  'dilationWidth',
  'padTop',
  'padLeft',
  'groups',
] as const satisfies readonly (keyof ConvGeometry)[];

/** Tests whether the convolution is depthwise; kernels then form no columns. */
export function isDepthwise({ groups, inChannels }: ConvGeometry): boolean {
  return groups === inChannels;
}

/** Options of a sliding window, as given by the user. */
export interface WindowOptions {
  readonly strides?: Pair;
  readonly padding?: Padding;
  readonly dilations?: Pair;
}

export const WINDOW_OPTIONS = {
  strides: true,
  padding: true,
  dilations: true,
} as const satisfies OptionNames<WindowOptions>;

/** One axis of a resolved window. */
interface Axis {
  readonly out: number;
  readonly before: number;
  readonly after: number;
}

/** Output size and padding of both axes. */
export interface ResolvedWindow {
  readonly outHeight: number;
  readonly outWidth: number;
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padTop: number;
  readonly padBottom: number;
  readonly padLeft: number;
  readonly padRight: number;
}

/** Maximum number of pixels along an axis, padding included: the sum of four such numbers fits in 32 bits. */
export const LONGEST_AXIS = 2 ** 29 - 1;

/** Throws if an axis has more pixels than kernels can index. */
export function checkAxes(action: Action, name: string, pixels: readonly [number, number]): void {
  if (!pixels.every((count) => count <= LONGEST_AXIS)) {
    throw rangeError(action, `${name} must be below 2²⁹ pixels`, name, pixels);
  }
}

/** Throws if a dilated kernel covers more pixels than kernels can index. */
export function checkExtent(
  action: Action,
  kernel: readonly [number, number],
  dilations: readonly [number, number],
): void {
  checkAxes(action, 'kernel extent', [(kernel[0] - 1) * dilations[0], (kernel[1] - 1) * dilations[1]]);
}

/** Returns [height, width] from a number or a pair of integers from `minimum` to {@link LONGEST_AXIS}. */
export function toPair(action: Action, name: string, value: unknown, minimum: number): readonly [number, number] {
  if (typeof value === 'number') {
    checkInteger(action, name, value, minimum, LONGEST_AXIS);
    return [value, value];
  }
  if (!Array.isArray(value) || value.length !== 2) {
    throw typeError(action, `${name} must be a number or [height, width]`, name, value);
  }
  return [
    checkInteger(action, name, value[0], minimum, LONGEST_AXIS),
    checkInteger(action, name, value[1], minimum, LONGEST_AXIS),
  ];
}

/** Extent of a dilated kernel: (k − 1)·d + 1. */
export function dilatedExtent(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/** Returns the four amounts of numeric padding, or `'same'` or `'valid'`. */
export function normalizePadding(
  action: Action,
  padding: unknown,
): 'same' | 'valid' | readonly [readonly [number, number], readonly [number, number]] {
  const rule = "padding must be 'same', 'valid', a number, [height, width] or [[top, bottom], [left, right]]";
  const checkPadding = (pixels: unknown): number => checkInteger(action, 'padding', pixels, 0, LONGEST_AXIS);
  if (padding === 'same' || padding === 'valid') return padding;
  if (typeof padding === 'string') throw rangeError(action, rule, 'padding', padding);
  if (typeof padding === 'number') {
    const all = checkPadding(padding);
    return [
      [all, all],
      [all, all],
    ];
  }
  if (!Array.isArray(padding) || padding.length !== 2) throw typeError(action, rule, 'padding', padding);
  const sides = padding.map((side: unknown): [number, number] => {
    if (typeof side === 'number') {
      const both = checkPadding(side);
      return [both, both];
    }
    if (!Array.isArray(side) || side.length !== 2) throw typeError(action, rule, 'padding', padding);
    return [checkPadding(side[0]), checkPadding(side[1])];
  });
  return [sides[0]!, sides[1]!];
}

/**
 * Computes the output size and padding of a window of size `kernel` over an image of size `input`, both [height,
 * width].
 */
export function resolveWindow(
  action: Action,
  input: readonly [number, number],
  kernel: readonly [number, number],
  options: WindowOptions,
): ResolvedWindow {
  const strides = toPair(action, 'strides', options.strides ?? 1, 1);
  const dilations = toPair(action, 'dilations', options.dilations ?? 1, 1);
  checkExtent(action, kernel, dilations);
  const padding = normalizePadding(action, options.padding ?? 'valid');
  const axis = (index: 0 | 1): Axis => {
    const size = input[index];
    const stride = strides[index];
    const extent = dilatedExtent(kernel[index], dilations[index]);
    if (padding === 'same') {
      const out = Math.ceil(size / stride);
      const total = Math.max((out - 1) * stride + extent - size, 0);
      const before = Math.floor(total / 2);
      return { out, before, after: total - before };
    }
    const [before, after] = padding === 'valid' ? [0, 0] : padding[index];
    return { out: Math.floor((size + before + after - extent) / stride) + 1, before, after };
  };
  const y = axis(0);
  const x = axis(1);
  if (y.out <= 0 || x.out <= 0) {
    const received = `kernel = ${show([...kernel])}, dilations = ${show([...dilations])}, padding = ${show(options.padding ?? 'valid')}`;
    throw rangeError(action, `the kernel must fit into the padded input (${received})`, 'input size', [...input]);
  }
  checkAxes(action, 'padded image', [y.before + input[0] + y.after, x.before + input[1] + x.after]);
  return {
    outHeight: y.out,
    outWidth: x.out,
    strides,
    dilations,
    padTop: y.before,
    padBottom: y.after,
    padLeft: x.before,
    padRight: x.after,
  };
}
