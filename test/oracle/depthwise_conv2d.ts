/**
 * depthwiseConv2d in float64: y[n, i, j, c·m + k] = bias[c·m + k] + Σ x[n, y, x, c] · filter[a, b, c, k] over the taps
 * (a, b), m the multiplier, with (y, x) = (i, j)·s − p + (a, b)·d, read through the padding mode.
 */
import type { PaddingMode } from '../../src/kernel/geometry.js';
import { array64, type Array64 } from './array64.js';
import { biasGradient } from './conv2d.js';
import { axisOf, sourceIndex, tapPosition, type Window } from './window.js';

export type DepthwiseConv2DInputs = Readonly<{ x: Array64; filter: Array64; bias?: Array64 }>;

export interface DepthwiseConv2DOptions extends Window {
  readonly paddingMode?: PaddingMode;
}

type Shape4 = [number, number, number, number];

function outputShape(inputs: DepthwiseConv2DInputs, options: DepthwiseConv2DOptions): Shape4 {
  const [batch, height, width] = inputs.x.shape as Shape4;
  const [kernelHeight, kernelWidth, channels, multiplier] = inputs.filter.shape as Shape4;
  const rows = axisOf(0, height, kernelHeight, options).output;
  return [batch, rows, axisOf(1, width, kernelWidth, options).output, channels * multiplier];
}

/** Calls `visit(y index, x index, filter index)` once for every product of the sum. */
function products(
  inputs: DepthwiseConv2DInputs,
  options: DepthwiseConv2DOptions,
  visit: (y: number, x: number, filter: number) => void,
): void {
  const [, height, width] = inputs.x.shape as Shape4;
  const [kernelHeight, kernelWidth, channels, multiplier] = inputs.filter.shape as Shape4;
  const [batch, outHeight, outWidth, outChannels] = outputShape(inputs, options);
  const rows = axisOf(0, height, kernelHeight, options);
  const columns = axisOf(1, width, kernelWidth, options);
  const mode = options.paddingMode ?? 'zeros';
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let a = 0; a < kernelHeight; a++) {
          const row = sourceIndex(mode, tapPosition(rows, i, a), height);
          if (row < 0) continue;
          for (let b = 0; b < kernelWidth; b++) {
            const column = sourceIndex(mode, tapPosition(columns, j, b), width);
            if (column < 0) continue;
            for (let c = 0; c < channels; c++) {
              for (let k = 0; k < multiplier; k++) {
                visit(
                  ((n * outHeight + i) * outWidth + j) * outChannels + c * multiplier + k,
                  ((n * height + row) * width + column) * channels + c,
                  ((a * kernelWidth + b) * channels + c) * multiplier + k,
                );
              }
            }
          }
        }
      }
    }
  }
}

export function depthwiseConv2d(inputs: DepthwiseConv2DInputs, options: DepthwiseConv2DOptions = {}): Array64 {
  const { x, filter, bias } = inputs;
  const shape = outputShape(inputs, options);
  const y = array64(shape, (index) => bias?.data[index % shape[3]] ?? 0);
  products(inputs, options, (yi, xi, fi) => (y.data[yi]! += x.data[xi]! * filter.data[fi]!));
  return y;
}

/** Gradients of ⟨y, dy⟩ with respect to every given input. */
export function depthwiseConv2dGradients(
  inputs: DepthwiseConv2DInputs,
  dy: Array64,
  options: DepthwiseConv2DOptions = {},
): DepthwiseConv2DInputs {
  const { x, filter, bias } = inputs;
  const dx = array64(x.shape);
  const dfilter = array64(filter.shape);
  products(inputs, options, (yi, xi, fi) => {
    dx.data[xi]! += dy.data[yi]! * filter.data[fi]!;
    dfilter.data[fi]! += dy.data[yi]! * x.data[xi]!;
  });
  return bias === undefined ? { x: dx, filter: dfilter } : { x: dx, filter: dfilter, bias: biasGradient(dy) };
}
