/** Sliding windows of a file. */
import { dilatedExtent, type Padding } from '../../../kernel/geometry.js';
import { NotImportable } from './import_error.js';
import type { NodeUse } from './node_use.js';
import type { Axis, Value } from './value.js';

/** Rows and columns. */
export type Pair = readonly [number, number];

/** Window of a convolution or pooling. */
export interface FileWindow {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
  /** Padding of both sides together, along rows and columns; undefined if it depends on the image's size. */
  readonly total: Pair | undefined;
}

/** Attributes of every window. */
export const WINDOW_ATTRIBUTES = ['auto_pad', 'dilations', 'kernel_shape', 'pads', 'strides'] as const;

/** Reads the window of a node. */
export function windowOf(use: NodeUse, kernel: readonly number[] = []): FileWindow {
  const pair = (name: string, missing: readonly number[]): Pair => {
    const list = use.list(name) ?? missing;
    if (list.length !== 2 || list.some((size) => size < 1)) {
      throw new NotImportable(`its ${name} must be two sizes from 1 on, for rows and columns`);
    }
    return list as unknown as Pair;
  };
  const strides = pair('strides', [1, 1]);
  const dilations = pair('dilations', [1, 1]);
  const common = { kernelSize: pair('kernel_shape', kernel), strides, dilations };
  const auto = use.expect('auto_pad', use.text('auto_pad', 'NOTSET'), ['NOTSET', 'VALID', 'SAME_UPPER']);
  if (auto === 'SAME_UPPER') return { ...common, padding: 'same', total: undefined };
  const pads = auto === 'VALID' ? undefined : use.list('pads');
  if (pads === undefined || pads.every((amount) => amount === 0)) return { ...common, padding: 'valid', total: [0, 0] };
  if (pads.length !== 4 || pads.some((amount) => amount < 0)) {
    throw new NotImportable('its pads must be four amounts from 0 on');
  }
  const [top, left, bottom, right] = pads as [number, number, number, number];
  return withSides(common, [top, bottom], [left, right]);
}

/** A window with the given padding. */
export function withSides(window: Omit<FileWindow, 'padding' | 'total'>, rows: Pair, columns: Pair): FileWindow {
  return { ...window, padding: [rows, columns], total: [rows[0] + rows[1], columns[0] + columns[1]] };
}

/** Rows and columns that a window leaves of an image. */
export function slide(
  { planner }: NodeUse,
  x: Value,
  { kernelSize, strides, dilations, total }: FileWindow,
): [Axis, Axis] {
  const along = (axis: 0 | 1): Axis => {
    const before = x.axes[2 + axis]!;
    // 'same' gives ⌈size / stride⌉.
    const slack = total === undefined ? -1 : total[axis] - dilatedExtent(kernelSize[axis], dilations[axis]);
    const after = planner.sizes.positions(planner.sizeOf(before), slack, strides[axis]);
    if (typeof after === 'number' && after < 1) throw new NotImportable('its window must fit into the image');
    return planner.resized(before, after);
  };
  return [along(0), along(1)];
}
