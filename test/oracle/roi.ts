/**
 * Shared part of the oracles of the region operators: an output is a list of reads, y[output] = Σ weight · x[input],
 * and both gradients follow from the same list.
 */
import { array64, type Array64 } from './array64.js';

export type RoiInputs = Readonly<{
  /** [n, h, w, c]. */
  x: Array64;
  /** [k, 4], (y1, x1, y2, x2). */
  boxes: Array64;
  /** [k]. */
  boxIndices: Array64;
  /** Last axis ends in (y, x). */
  offset?: Array64;
}>;

/** One term of the sum. */
export interface Read {
  /** Flat index into the output. */
  readonly output: number;
  /** Flat index into x. */
  readonly input: number;
  readonly weight: number;
  /** The offset that moves it: flat index of its y, x being the next, and the slopes of the weight. */
  readonly moved?: { readonly offset: number; readonly dy: number; readonly dx: number };
}

export type Reader = (inputs: RoiInputs, visit: (read: Read) => void) => void;

/** An operator: value, and gradients with respect to x and, where there is one, offset. */
export interface RoiOracle<O> {
  readonly value: (inputs: RoiInputs, options: O) => Array64;
  /** With `absolute` slopes lose their signs, which gives sums of absolute values where x and upstream are positive. */
  readonly gradients: (inputs: RoiInputs, options: O, upstream: Array64, absolute?: boolean) => Partial<RoiInputs>;
  /** Sampling locations along each axis, inside the image or not; none for whole pixels. */
  readonly positions?: (inputs: RoiInputs, options: O) => Positions;
}

/** Coordinates of samples. */
export interface Positions {
  readonly y: ReadonlySet<number>;
  readonly x: ReadonlySet<number>;
}

/** The output of an operator. */
export function outputOf(shape: readonly number[], reader: Reader, inputs: RoiInputs): Array64 {
  const y = array64(shape);
  reader(inputs, ({ output, input, weight }) => (y.data[output]! += weight * inputs.x.data[input]!));
  return y;
}

/** Gradients of ⟨y, upstream⟩ with respect to x and, where there is one, offset. */
export function gradientsOf(
  reader: Reader,
  inputs: RoiInputs,
  upstream: Array64,
  absolute = false,
): Partial<RoiInputs> {
  const sign = absolute ? Math.abs : (value: number): number => value;
  const x = array64(inputs.x.shape);
  const offset = inputs.offset && array64(inputs.offset.shape);
  reader(inputs, ({ output, input, weight, moved }) => {
    const g = upstream.data[output]!;
    x.data[input]! += weight * g;
    if (!offset || !moved) return;
    offset.data[moved.offset]! += sign(moved.dy) * inputs.x.data[input]! * g;
    offset.data[moved.offset + 1]! += sign(moved.dx) * inputs.x.data[input]! * g;
  });
  return { x, ...(offset && { offset }) };
}

/** Callback for every sample. */
export type See = (y: number, x: number) => void;

/** Returns the coordinates of all samples that a reader reports. */
export function positionsOf(readerOf: (see: See) => Reader, inputs: RoiInputs): Positions {
  const [ys, xs] = [new Set<number>(), new Set<number>()];
  const reader = readerOf((y, x) => {
    ys.add(y);
    xs.add(x);
  });
  reader(inputs, () => undefined);
  return { y: ys, x: xs };
}

/** The corners of box k. */
export function boxOf({ boxes }: RoiInputs, k: number): { y1: number; x1: number; y2: number; x2: number } {
  const [y1, x1, y2, x2] = [...boxes.data.slice(k * 4, k * 4 + 4)] as [number, number, number, number];
  return { y1, x1, y2, x2 };
}

/** Flat index of a feature. */
export function featureIndex({ x, boxIndices }: RoiInputs, k: number, row: number, column: number, c: number): number {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  return ((boxIndices.data[k]! * height + row) * width + column) * channels + c;
}

/** Rounds to the nearest integer, ties away from zero. */
export function round(value: number): number {
  return value < 0 ? -Math.floor(-value + 0.5) : Math.floor(value + 0.5);
}

/** One of the pixels around a location. */
export interface Corner {
  readonly row: number;
  readonly column: number;
  readonly weight: number;
  /** ∂weight/∂y and ∂weight/∂x. */
  readonly dy: number;
  readonly dx: number;
}

/**
 * The pixels around a location, which is first clamped to the image. The slope is 0 if it was clamped; at whole pixels
 * it is the right-hand one.
 */
export function cornersOf(height: number, width: number, y: number, x: number): Corner[] {
  const [cy, cx] = [Math.min(Math.max(y, 0), height - 1), Math.min(Math.max(x, 0), width - 1)];
  const [y0, x0] = [Math.floor(cy), Math.floor(cx)];
  const [ly, lx] = [cy - y0, cx - x0];
  const vy = y >= 0 && y < height - 1 ? 1 : 0;
  const vx = x >= 0 && x < width - 1 ? 1 : 0;
  return [
    { row: y0, column: x0, weight: (1 - ly) * (1 - lx), dy: -vy * (1 - lx), dx: -vx * (1 - ly) },
    { row: y0, column: x0 + 1, weight: (1 - ly) * lx, dy: -vy * lx, dx: vx * (1 - ly) },
    { row: y0 + 1, column: x0, weight: ly * (1 - lx), dy: vy * (1 - lx), dx: -vx * ly },
    { row: y0 + 1, column: x0 + 1, weight: ly * lx, dy: vy * lx, dx: vx * ly },
  ].filter(({ row, column }) => row < height && column < width);
}
