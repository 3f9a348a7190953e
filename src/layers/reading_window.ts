/** Conversion between windows and exact reads, also for layers that describe only size, strides and padding. */
import { POINTWISE_READS, type AxisReads } from './axis_reads.js';
import type { LayerWindow } from './description.js';

/** Window of a layer with the given reads: the largest extent, together with the reads. */
export function readingWindow(y: AxisReads, x: AxisReads): LayerWindow {
  const axes = [y, x] as const;
  const each = (of: (axis: AxisReads) => number): [number, number] => [of(axes[0]), of(axes[1])];
  return {
    size: each(({ reads }) =>
      Math.max(...reads.map((inputs) => (inputs.length === 0 ? 0 : inputs.at(-1)! - inputs[0]! + 1))),
    ),
    strides: each(({ shift, reads }) => shift / reads.length),
    padding: each(({ reads }) => 0 - (reads.find((inputs) => inputs.length > 0)?.[0] ?? 0)),
    reads: axes,
  };
}

/** Reads of a window along an axis: the exact ones if known, otherwise the whole extent. */
export function readsOf({ size, strides, padding, reads }: LayerWindow, axis: 0 | 1): AxisReads {
  if (reads !== undefined) return reads[axis];
  if (size[axis] === 1 && strides[axis] === 1 && padding[axis] === 0) return POINTWISE_READS;
  const period = periodOf(strides[axis]);
  return {
    shift: Math.round(strides[axis] * period),
    reads: Array.from({ length: period }, (_, output) => {
      const position = output * strides[axis] - padding[axis];
      const first = Math.floor(position);
      return Array.from({ length: Math.ceil(position) - first + size[axis] }, (_, input) => first + input);
    }),
  };
}

/** Number of outputs after which a fractional stride covers a whole number of inputs. */
function periodOf(stride: number): number {
  for (let period = 1; period < LONGEST_PERIOD; period++) {
    if (Math.abs(stride * period - Math.round(stride * period)) < 1e-6) return period;
  }
  return LONGEST_PERIOD;
}

const LONGEST_PERIOD = 1024;
