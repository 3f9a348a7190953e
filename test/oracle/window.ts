/**
 * Output size, padding and padding modes, written from the formulas and independently of src/kernel/geometry.ts.
 *
 * k̂ = (k − 1)·d + 1. Numbers: o = ⌊(i + p₀ + p₁ − k̂) / s⌋ + 1. `'same'`: o = ⌈i / s⌉ with a total padding of
 * max((o − 1)·s + k̂ − i, 0), the smaller half first.
 */
import type { Pair, Padding, PaddingMode } from '../../src/kernel/geometry.js';

/** One axis of a sliding window. */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

export interface Window {
  readonly strides?: Pair;
  readonly padding?: Padding;
  readonly dilations?: Pair;
}

export function pair(value: Pair | undefined): readonly [number, number] {
  if (value === undefined) return [1, 1];
  return typeof value === 'number' ? [value, value] : value;
}

/** The amounts before and after along an axis of a padding in numbers. */
export function sides(padding: Exclude<Padding, string>, axis: 0 | 1): readonly [number, number] {
  if (typeof padding === 'number') return [padding, padding];
  const side = padding[axis];
  return typeof side === 'number' ? [side, side] : side;
}

/** The window's geometry along axis 0 (y) or 1 (x). */
export function axisOf(axis: 0 | 1, input: number, kernel: number, window: Window): Axis {
  const stride = pair(window.strides)[axis];
  const dilation = pair(window.dilations)[axis];
  const extent = (kernel - 1) * dilation + 1;
  const { padding = 'valid' } = window;
  if (padding === 'same') {
    const output = Math.ceil(input / stride);
    const total = Math.max((output - 1) * stride + extent - input, 0);
    const before = Math.floor(total / 2);
    return { input, output, kernel, stride, dilation, before, after: total - before };
  }
  const [before, after] = padding === 'valid' ? [0, 0] : sides(padding, axis);
  const output = Math.floor((input + before + after - extent) / stride) + 1;
  return { input, output, kernel, stride, dilation, before, after };
}

/** Position that tap `tap` of output `position` reads along the axis, padding included: i·s − p + a·d. */
export function tapPosition(axis: Axis, position: number, tap: number): number {
  return position * axis.stride - axis.before + tap * axis.dilation;
}

/** The pixel that supplies `position` along an axis of `size`, inside the image or in its padding; −1 for zeros. */
export function sourceIndex(mode: PaddingMode, position: number, size: number): number {
  if (position >= 0 && position < size) return position;
  switch (mode) {
    case 'zeros':
      return -1;
    case 'replicate':
      return position < 0 ? 0 : size - 1;
    case 'reflect':
      return position < 0 ? -position : 2 * (size - 1) - position;
    case 'circular':
      return ((position % size) + size) % size;
  }
}
