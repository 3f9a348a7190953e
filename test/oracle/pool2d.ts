/**
 * maxPool2d and avgPool2d in float64, written from the formulas: over the pixels (i, j)·s − p + (a, b) of a window that
 * lie inside the image, y is the largest (NaN is larger than all numbers) or the mean. The gradient of a maximum goes
 * to the first of equal pixels in row-major order, and to the last of NaNs.
 */
import type { Padding, Pair } from '../../src/kernel/geometry.js';
import { array64, type Array64 } from './array64.js';
import { axisOf, pair, tapPosition } from './window.js';

export type Pool2DInputs = Readonly<{ x: Array64 }>;

export interface Pool2DOptions {
  readonly poolSize: Pair;
  readonly strides?: Pair;
  readonly padding?: Padding;
}

type Shape4 = [number, number, number, number];

/** Calls `visit(y index, x indices)` once for every output, with the pixels of its window row by row. */
function windows(
  { x }: Pool2DInputs,
  options: Pool2DOptions,
  visit: (output: number, pixels: readonly number[]) => void,
): void {
  const [batch, , , channels] = x.shape as Shape4;
  const { rows, columns } = axesOf(x, options);
  let output = 0;
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < rows.output; i++) {
      for (let j = 0; j < columns.output; j++) {
        for (let c = 0; c < channels; c++) {
          const pixels: number[] = [];
          for (let a = 0; a < rows.kernel; a++) {
            for (let b = 0; b < columns.kernel; b++) {
              const [row, column] = [tapPosition(rows, i, a), tapPosition(columns, j, b)];
              if (row < 0 || row >= rows.input || column < 0 || column >= columns.input) continue;
              pixels.push(((n * rows.input + row) * columns.input + column) * channels + c);
            }
          }
          visit(output++, pixels);
        }
      }
    }
  }
}

function axesOf(x: Array64, { poolSize, strides = poolSize, padding = 'valid' }: Pool2DOptions) {
  const [height, width] = pair(poolSize);
  const [, inHeight, inWidth] = x.shape as Shape4;
  const window = { strides, padding };
  return { rows: axisOf(0, inHeight, height, window), columns: axisOf(1, inWidth, width, window) };
}

function outputOf(x: Array64, options: Pool2DOptions): Array64 {
  const [batch, , , channels] = x.shape as Shape4;
  const { rows, columns } = axesOf(x, options);
  return array64([batch, rows.output, columns.output, channels]);
}

/** Returns the pixel that is the maximum. */
function largest({ data }: Array64, pixels: readonly number[]): number {
  const undefinedOnes = pixels.filter((pixel) => Number.isNaN(data[pixel]));
  if (undefinedOnes.length > 0) return undefinedOnes.at(-1)!;
  const maximum = Math.max(...pixels.map((pixel) => data[pixel]!));
  return pixels.find((pixel) => data[pixel] === maximum)!;
}

export function maxPool2d(inputs: Pool2DInputs, options: Pool2DOptions): Array64 {
  const y = outputOf(inputs.x, options);
  windows(inputs, options, (output, pixels) => {
    y.data[output] = inputs.x.data[largest(inputs.x, pixels)]!;
  });
  return y;
}

/** Gradient of ⟨y, dy⟩. */
export function maxPool2dGradients(inputs: Pool2DInputs, dy: Array64, options: Pool2DOptions): Pool2DInputs {
  const dx = array64(inputs.x.shape);
  windows(inputs, options, (output, pixels) => {
    dx.data[largest(inputs.x, pixels)]! += dy.data[output]!;
  });
  return { x: dx };
}

/** Reads `values` at the maximum of x in every window: the derivative along them. */
export function maxPool2dSelect(inputs: Pool2DInputs, values: Array64, options: Pool2DOptions): Array64 {
  const y = outputOf(inputs.x, options);
  windows(inputs, options, (output, pixels) => {
    y.data[output] = values.data[largest(inputs.x, pixels)]!;
  });
  return y;
}

export function avgPool2d(inputs: Pool2DInputs, options: Pool2DOptions): Array64 {
  const y = outputOf(inputs.x, options);
  windows(inputs, options, (output, pixels) => {
    y.data[output] = pixels.reduce((sum, pixel) => sum + inputs.x.data[pixel]!, 0) / pixels.length;
  });
  return y;
}

/** Gradient of ⟨y, dy⟩. */
export function avgPool2dGradients(inputs: Pool2DInputs, dy: Array64, options: Pool2DOptions): Pool2DInputs {
  const dx = array64(inputs.x.shape);
  windows(inputs, options, (output, pixels) => {
    for (const pixel of pixels) dx.data[pixel]! += dy.data[output]! / pixels.length;
  });
  return { x: dx };
}
