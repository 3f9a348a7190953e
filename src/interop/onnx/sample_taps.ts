/**
 * Samples at predicted locations by standard operators that all runtimes have: GridSample, tap by tap. Its zero padding
 * without aligned corners is that of deformable convolution, 0 unless −1 < y < H. Locations are normalised to
 * (2 · y + 1) / H − 1 in one step, from constants in float64.
 */
import type { Image } from './layer_use.js';
import type { OnnxGraph } from './graph.js';

/** Sampling grid of a deformable operator. */
export interface TapGrid {
  /** Name of the offsets, [n, groups · taps · 2, outH, outW], second axis (group, tap, (y, x)). */
  readonly offset: string;
  readonly groups: number;
  /** Locations (y, x) of the taps at output position (0, 0), without offsets. */
  readonly taps: readonly (readonly [number, number])[];
  readonly strides: readonly [number, number];
  /** Factor on the offsets. */
  readonly scale: number;
  readonly outHeight: number | null;
  readonly outWidth: number | null;
  /** True if an offset that is NaN reads nothing; otherwise its result is undefined. */
  readonly nanGuard: boolean;
}

/** A location of this much is outside of any image: samples there are 0. */
const OUTSIDE = 4;

/**
 * Adds up what `term` makes of the samples of each tap, [n · groups, channels / groups, outH, outW]. Each term is added
 * before the next tap is sampled, and the sum is the last operand: so onnxruntime frees one tap after the other.
 */
export function sumOverTaps(
  graph: OnnxGraph,
  image: Image,
  grid: TapGrid,
  term: (sample: string, tap: number) => string,
): string {
  const { groups, taps, offset } = grid;
  const count = taps.length;
  // GridSample takes (x, y): first the x of all taps, then the y.
  const order = Array.from({ length: groups }, (_, group) =>
    [1, 0].flatMap((axis) => taps.map((_tap, tap) => (group * count + tap) * 2 + axis)),
  ).flat();
  const sorted = graph.node('Gather', [offset, graph.integers(...order)], { axis: 1 });
  const offsets = graph.node('Transpose', [perGroup(graph, sorted, groups, 2 * count)], { perm: [0, 2, 3, 1] });
  const halves = graph.split('Split', [offsets, graph.integers(count, count)], 2, { axis: 3 });
  const [xs, ys] = halves.map((half, index) => {
    const locations = normalized(graph, image, grid, half, index === 0 ? 1 : 0);
    const ones = Array.from({ length: count }, () => 1);
    return count === 1 ? [locations] : graph.split('Split', [locations, graph.integers(...ones)], count, { axis: 3 });
  }) as [string[], string[]];
  const x = perGroup(graph, image.name, groups, image.channels / groups);
  const attributes = { mode: 'bilinear', padding_mode: 'zeros', align_corners: 0 };
  return xs.reduce((sum, column, tap) => {
    const at = graph.node('Concat', [column, ys[tap]!], { axis: 3 });
    const own = term(graph.node('GridSample', [x, at], attributes), tap);
    return sum === '' ? own : graph.node('Add', [own, sum]);
  }, '');
}

/** Masks of every tap, [n · groups, 1, outH, outW] each, from [n, groups · taps, outH, outW]. */
export function splitMask(graph: OnnxGraph, mask: string, groups: number, taps: number): string[] {
  const grouped = perGroup(graph, mask, groups, taps);
  const ones = Array.from({ length: taps }, () => 1);
  return taps === 1 ? [grouped] : graph.split('Split', [grouped, graph.integers(...ones)], taps, { axis: 1 });
}

/** Puts groups of channels into the batch: [n, groups · channels, h, w] to [n · groups, channels, h, w]. */
export function perGroup(graph: OnnxGraph, name: string, groups: number, channels: number): string {
  return groups === 1 ? name : graph.node('Reshape', [name, graph.integers(-1, channels, 0, 0)]);
}

/** Takes the groups out of the batch again: [n · groups, channels / groups, h, w] to [n, channels, h, w]. */
export function together(graph: OnnxGraph, name: string, groups: number, channels: number): string {
  return groups === 1 ? name : graph.node('Reshape', [name, graph.integers(-1, channels, 0, 0)]);
}

/** Locations along an axis in GridSample's coordinates, clipped so that no huge number meets integers. */
function normalized(graph: OnnxGraph, image: Image, grid: TapGrid, offset: string, axis: 0 | 1): string {
  const { factor, base } = baseOf(graph, image, grid, axis);
  const location = graph.node('Add', [graph.node('Mul', [offset, factor]), base]);
  const clipped = graph.node('Clip', [location, graph.scalar(-OUTSIDE), graph.scalar(OUTSIDE)]);
  if (!grid.nanGuard) return clipped;
  return graph.node('Where', [graph.node('IsNaN', [offset]), graph.scalar(-OUTSIDE), clipped]);
}

/** Factor on the offsets and locations without offsets, [1, outH or 1, outW or 1, taps]. */
function baseOf(
  graph: OnnxGraph,
  image: Image,
  { taps, strides, scale, offset, outHeight, outWidth }: TapGrid,
  axis: 0 | 1,
): { readonly factor: string; readonly base: string } {
  const size = axis === 0 ? image.height : image.width;
  const out = axis === 0 ? outHeight : outWidth;
  const stride = strides[axis];
  const starts = taps.map((tap) => tap[axis]);
  const shape = (length: number): number[] => (axis === 0 ? [1, length, 1] : [1, 1, length]);
  const name = axis === 0 ? 'rows' : 'columns';
  if (size !== null && out !== null) {
    const values = Array.from({ length: out }, (_, position) =>
      starts.map((start) => (2 * (position * stride + start) + 1) / size - 1),
    ).flat();
    return {
      factor: graph.scalar((2 * scale) / size),
      base: graph.floats(`${offset}/${name}`, [...shape(out), taps.length], values),
    };
  }
  const asFloat = (value: string): string => graph.node('Cast', [value], { to: FLOAT });
  const pixels = asFloat(graph.node('Shape', [image.name], { start: 2 + axis, end: 3 + axis }));
  const outputs = graph.node('Squeeze', [graph.node('Shape', [offset], { start: 2 + axis, end: 3 + axis })]);
  const positions = asFloat(graph.node('Range', [graph.integer(0), outputs, graph.integer(1)]));
  const column = graph.node('Reshape', [positions, graph.integers(...shape(-1), 1)]);
  const first = graph.floats(
    `${offset}/${name}`,
    [taps.length],
    starts.map((start) => 2 * start + 1),
  );
  const doubled = graph.node('Add', [graph.node('Mul', [column, graph.scalar(2 * stride)]), first]);
  const base = graph.node('Sub', [graph.node('Div', [doubled, pixels]), graph.scalar(1)]);
  return { factor: graph.node('Div', [graph.scalar(2 * scale), pixels]), base };
}

/** Code of float32 in ONNX. */
const FLOAT = 1;
