/**
 * Region pooling without an operator of its own in ONNX. Samples of a bin form a grid and bilinear interpolation is
 * separable, so a bin is Σ (weight of its row) · (weight of its column) · pixel: the weights are computed from the boxes,
 * and two products with them pool the features. In float32 and in the order of operations of the operators.
 */
import type { OnnxGraph } from './graph.js';
import type { Image } from './layer_use.js';

/** Code of float32 in ONNX. */
export const FLOAT = 1;

/** Boxes along one axis. */
export interface Edges {
  /** [k, 1]. */
  readonly start: string;
  /** [k, 1]. */
  readonly end: string;
}

/** Boxes along one axis of the feature map. */
export interface Span {
  /** [k, 1], or [k, bins] if bins are moved. */
  readonly start: string;
  /** [k, 1]. */
  readonly size: string;
}

/** Sampling of bins along an axis. */
export interface Sampling {
  /** Index along the axis of each line of bins. */
  readonly bins: readonly number[];
  /** Bins along the axis. */
  readonly count: number;
  /** Samples per bin; 0 for one per pixel of the bin, rounded up. */
  readonly samples: number;
  /** True if samples are at the centres of the parts of a bin. */
  readonly centred: boolean;
  /** A sample further than this outside the centres of the outermost pixels reads nothing. */
  readonly margin: number;
  /** True if samples that read nothing count in the mean. */
  readonly countOutside: boolean;
}

/** Adds arithmetic nodes; numbers become constants. */
export class Arithmetic {
  constructor(readonly graph: OnnxGraph) {}

  add = (a: string | number, b: string | number): string => this.binary('Add', a, b);
  sub = (a: string | number, b: string | number): string => this.binary('Sub', a, b);
  mul = (a: string | number, b: string | number): string => this.binary('Mul', a, b);
  div = (a: string | number, b: string | number): string => this.binary('Div', a, b);
  max = (a: string | number, b: string | number): string => this.binary('Max', a, b);
  min = (a: string | number, b: string | number): string => this.binary('Min', a, b);
  and = (a: string, b: string): string => this.binary('And', a, b);
  less = (a: string | number, b: string | number): string => this.binary('Less', a, b);
  atMost = (a: string | number, b: string | number): string => this.binary('LessOrEqual', a, b);
  unary = (type: string, a: string): string => this.graph.node(type, [a]);
  asFloat = (a: string): string => this.graph.node('Cast', [a], { to: FLOAT });

  /** Rounds to the nearest integer, ties away from zero; ONNX's Round takes them to the even one. */
  round(a: string): string {
    return this.mul(this.unary('Sign', a), this.unary('Floor', this.add(this.unary('Abs', a), 0.5)));
  }

  /** Adds an axis of length 1. */
  expand(a: string, ...axes: readonly number[]): string {
    return this.graph.node('Unsqueeze', [a, this.graph.integers(...axes)]);
  }

  /** A constant row [1, length]. */
  row(name: string, values: readonly number[]): string {
    return this.graph.floats(name, [1, values.length], values);
  }

  private binary(type: string, a: string | number, b: string | number): string {
    const [left, right] = [a, b].map((each) => (typeof each === 'number' ? this.graph.scalar(each) : each));
    return this.graph.node(type, [left!, right!]);
  }
}

/** Height or width of the features, as a float scalar or [1], and 0, 1, … below it. */
export function axisOf(
  math: Arithmetic,
  image: Image,
  axis: 0 | 1,
): { readonly size: string; readonly pixels: string } {
  const { graph } = math;
  const known = axis === 0 ? image.height : image.width;
  if (known !== null) {
    const numbers = Array.from({ length: known }, (_, index) => index);
    return { size: graph.scalar(known), pixels: graph.floats('pixels', [known], numbers) };
  }
  const size = graph.node('Shape', [image.name], { start: 2 + axis, end: 3 + axis });
  const range = graph.node('Range', [graph.integer(0), graph.node('Squeeze', [size]), graph.integer(1)]);
  return { size: math.asFloat(size), pixels: math.asFloat(range) };
}

/** Weights [k, lines, size] of the whole pixels of each bin: 1 / (their number) from `first` on. */
export function pixelWeights(
  math: Arithmetic,
  { first, pixels }: { readonly first: string; readonly pixels: string },
  { bins, count }: Pick<Sampling, 'bins' | 'count'>,
  axis: { readonly size: string; readonly pixels: string },
): string {
  // torchvision never reads the last row and column here.
  const limit = math.max(math.sub(axis.size, 1), 0);
  const edge = (type: 'Floor' | 'Ceil', shift: number): string => {
    const index = math.row(
      'bins',
      bins.map((bin) => bin + shift),
    );
    const parts = math.unary(type, math.div(math.mul(index, pixels), count));
    return math.expand(math.min(math.max(math.add(first, parts), 0), limit), 2);
  };
  const [begin, stop] = [edge('Floor', 0), edge('Ceil', 1)];
  const isInside = math.and(math.atMost(begin, axis.pixels), math.less(axis.pixels, stop));
  return math.div(math.asFloat(isInside), math.max(math.sub(stop, begin), 1));
}

/** Weights [k, lines, size] of the bilinear samples of each bin: their mean. */
export function sampleWeights(
  math: Arithmetic,
  span: Span,
  sampling: Sampling,
  axis: { readonly size: string; readonly pixels: string },
): string {
  const { graph } = math;
  const { bins, count, samples, margin, countOutside } = sampling;
  const length = math.div(span.size, count);
  const adaptive = samples === 0;
  const number = adaptive ? math.max(math.unary('Ceil', length), 1) : graph.scalar(samples);
  const index = adaptive ? upTo(math, number) : graph.floats('samples', [samples], [...Array(samples).keys()]);
  const index3 = math.expand(index, 0, 1);
  const per = (value: string): string => (adaptive ? math.expand(value, 2) : value);
  const binIndex = math.row('bins', bins);
  let at: string;
  if (sampling.centred) {
    const first = math.expand(math.add(span.start, math.mul(binIndex, length)), 2);
    const inBin = math.div(math.mul(math.add(index3, 0.5), math.expand(length, 2)), per(number));
    at = math.add(first, inBin);
  } else {
    // A single division, so that a sample exactly on an edge stays there.
    const part = math.add(math.expand(math.mul(binIndex, samples), 2), index3);
    const inBox = math.div(math.mul(part, math.expand(span.size, 2)), count * samples);
    at = math.add(math.expand(span.start, 2), inBox);
  }
  const last = math.sub(axis.size, 1);
  let reads = math.and(math.atMost(-margin, at), math.atMost(at, math.add(last, margin)));
  if (adaptive) {
    const exists = math.less(index3, math.expand(math.unary('Ceil', length), 2));
    reads = math.and(reads, exists);
  }
  const inside = math.expand(math.min(math.max(at, 0), last), 3);
  const near = math.max(math.sub(1, math.unary('Abs', math.sub(inside, axis.pixels))), 0);
  const counted = math.expand(math.asFloat(reads), 3);
  const total = graph.node('ReduceSum', [math.mul(near, counted), graph.integers(2)], { keepdims: 0 });
  if (countOutside) return math.div(total, adaptive ? math.expand(number, 2) : number);
  const kept = graph.node('ReduceSum', [math.asFloat(reads), graph.integers(2)], { keepdims: 1 });
  return math.div(total, math.max(kept, 1));
}

/** 0, 1, … below the largest of these numbers. */
function upTo(math: Arithmetic, numbers: string): string {
  const { graph } = math;
  const most = graph.node('ReduceMax', [numbers], { keepdims: 0 });
  return graph.node('Range', [graph.scalar(0), most, graph.scalar(1)]);
}

/** Bins to pool: which lines of weights they take, and which channels. */
export interface Bins {
  /** Line of the row weights and of the column weights of each bin. */
  readonly lines: readonly (readonly [row: number, column: number])[];
  /** Channels that each bin reads, equally many; all if omitted. */
  readonly channels?: readonly (readonly number[])[];
}

/** Pools every box: [k, bins · channels], bin by bin. */
export function poolBins(
  math: Arithmetic,
  image: Image,
  boxIndices: string,
  weights: readonly [rows: string, columns: string],
  { lines, channels }: Bins,
): string {
  const { graph } = math;
  const rows = split(graph, weights[0], 1 + Math.max(...lines.map(([row]) => row)));
  const columns = split(graph, weights[1], 1 + Math.max(...lines.map(([, column]) => column)));
  const bins = lines.map(([row, column], bin) => {
    const read = channels?.[bin];
    const x =
      read === undefined ? image.name : graph.node('Gather', [image.name, graph.integers(...read)], { axis: 1 });
    // [n, channels, k, width], then [n, channels, k].
    const along = math.mul(graph.node('MatMul', [rows[row]!, x]), columns[column]!);
    return graph.node('ReduceSum', [along, graph.integers(3)], { keepdims: 0 });
  });
  const all = bins.length === 1 ? bins[0]! : graph.node('Concat', bins, { axis: 1 });
  // Of all images, that of the box.
  const images = graph.node('Squeeze', [graph.node('Shape', [image.name], { start: 0, end: 1 })]);
  const numbers = math.expand(graph.node('Range', [graph.integer(0), images, graph.integer(1)]), 1, 2);
  const own = graph.node('Equal', [numbers, boxIndices]);
  const chosen = graph.node('Where', [own, all, graph.scalar(0)]);
  const pooled = graph.node('ReduceSum', [chosen, graph.integers(0)], { keepdims: 0 });
  return graph.node('Transpose', [pooled], { perm: [1, 0] });
}

/** Lines of weights [k, lines, size], as [1, k, size] each. */
function split(graph: OnnxGraph, weights: string, lines: number): string[] {
  const byLine = graph.node('Transpose', [weights], { perm: [1, 0, 2] });
  const ones = Array.from({ length: lines }, () => 1);
  return lines === 1 ? [byLine] : graph.split('Split', [byLine, graph.integers(...ones)], lines, { axis: 0 });
}
