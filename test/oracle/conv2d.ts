/**
 * conv2d in float64, as a list of products: y[n, i, j, o] = bias[o] + Σ x[n, y, x, c] · filter[a, b, c', o] over the
 * taps (a, b) and the channels c of o's group, with (y, x) = (i, j)·s − p + (a, b)·d, read through the padding mode.
 */
import type { PaddingMode } from '../../src/kernel/geometry.js';
import { array64, type Array64 } from './array64.js';
import { axisOf, sourceIndex, tapPosition, type Window } from './window.js';

export type Conv2DInputs = Readonly<{ x: Array64; filter: Array64; bias?: Array64 }>;

export interface Conv2DOptions extends Window {
  readonly paddingMode?: PaddingMode;
  readonly groups?: number;
}

type Shape4 = [number, number, number, number];

function outputShape(inputs: Conv2DInputs, options: Conv2DOptions): Shape4 {
  const [batch, height, width] = inputs.x.shape as Shape4;
  const [kernelHeight, kernelWidth, , outChannels] = inputs.filter.shape as Shape4;
  const rows = axisOf(0, height, kernelHeight, options).output;
  return [batch, rows, axisOf(1, width, kernelWidth, options).output, outChannels];
}

/** Calls `visit(y index, x index, filter index)` once for every product of the sum. */
function products(
  inputs: Conv2DInputs,
  options: Conv2DOptions,
  visit: (y: number, x: number, filter: number) => void,
): void {
  const [, height, width, inChannels] = inputs.x.shape as Shape4;
  const [kernelHeight, kernelWidth, groupIn, outChannels] = inputs.filter.shape as Shape4;
  const [batch, outHeight, outWidth] = outputShape(inputs, options);
  const rows = axisOf(0, height, kernelHeight, options);
  const columns = axisOf(1, width, kernelWidth, options);
  const mode = options.paddingMode ?? 'zeros';
  const groupOut = outChannels / (options.groups ?? 1);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let a = 0; a < kernelHeight; a++) {
          const row = sourceIndex(mode, tapPosition(rows, i, a), height);
          if (row < 0) continue;
          for (let b = 0; b < kernelWidth; b++) {
            const column = sourceIndex(mode, tapPosition(columns, j, b), width);
            if (column < 0) continue;
            for (let o = 0; o < outChannels; o++) {
              const firstChannel = Math.floor(o / groupOut) * groupIn;
              for (let c = 0; c < groupIn; c++) {
                visit(
                  ((n * outHeight + i) * outWidth + j) * outChannels + o,
                  ((n * height + row) * width + column) * inChannels + firstChannel + c,
                  ((a * kernelWidth + b) * groupIn + c) * outChannels + o,
                );
              }
            }
          }
        }
      }
    }
  }
}

export function conv2d(inputs: Conv2DInputs, options: Conv2DOptions = {}): Array64 {
  const { x, filter, bias } = inputs;
  const channels = filter.shape[3]!;
  const y = array64(outputShape(inputs, options), (index) => bias?.data[index % channels] ?? 0);
  products(inputs, options, (yi, xi, fi) => (y.data[yi]! += x.data[xi]! * filter.data[fi]!));
  return y;
}

/** Gradients of ⟨y, dy⟩ with respect to every given input. */
export function conv2dGradients(inputs: Conv2DInputs, dy: Array64, options: Conv2DOptions = {}): Conv2DInputs {
  const { x, filter, bias } = inputs;
  const dx = array64(x.shape);
  const dfilter = array64(filter.shape);
  products(inputs, options, (yi, xi, fi) => {
    dx.data[xi]! += dy.data[yi]! * filter.data[fi]!;
    dfilter.data[fi]! += dy.data[yi]! * x.data[xi]!;
  });
  return bias === undefined ? { x: dx, filter: dfilter } : { x: dx, filter: dfilter, bias: biasGradient(dy) };
}

/** Sum of dy over everything but its last axis. */
export function biasGradient(dy: Array64): Array64 {
  const channels = dy.shape[dy.shape.length - 1]!;
  const sum = array64([channels]);
  dy.data.forEach((value, index) => (sum.data[index % channels]! += value));
  return sum;
}
