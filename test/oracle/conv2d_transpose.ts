/**
 * conv2dTranspose in float64: every input position spreads its filter over the output, y[n, i·s − p + a·d, j·s − p +
 * b·d, o] += x[n, i, j, c] · filter[a, b, o', c] for the output channels o of c's group.
 *
 * Output size with k̂ = (k − 1)·d + 1. Numbers, as torch: (i − 1)·s − p₀ − p₁ + k̂ + outputPadding. As Keras: `'valid'`
 * (i − 1)·s + k̂ + outputPadding, by default max(k̂, s) − k̂; `'same'` i·s, or with an outputPadding (i − 1)·s + k̂ mod
 * 2 + outputPadding, aligned as in JAX: of the padding L of the dilated input, min(⌈L / 2⌉, k̂ − 1) comes before it.
 */
import type { Pair } from '../../src/kernel/geometry.js';
import { array64, type Array64 } from './array64.js';
import { biasGradient } from './conv2d.js';
import { pair, sides, type Window } from './window.js';

export type Conv2DTransposeInputs = Readonly<{ x: Array64; filter: Array64; bias?: Array64 }>;

export interface Conv2DTransposeOptions extends Window {
  readonly outputPadding?: Pair;
  readonly groups?: number;
}

interface TransposedAxis {
  readonly output: number;
  readonly before: number;
  readonly stride: number;
  readonly dilation: number;
}

export function transposedAxis(
  axis: 0 | 1,
  input: number,
  kernel: number,
  options: Conv2DTransposeOptions,
): TransposedAxis {
  const stride = pair(options.strides)[axis];
  const dilation = pair(options.dilations)[axis];
  const extra = options.outputPadding === undefined ? undefined : pair(options.outputPadding)[axis];
  const extent = (kernel - 1) * dilation + 1;
  const last = (input - 1) * stride;
  if (options.padding === 'same') {
    const length = extra === undefined ? stride + extent - 2 : extent + (extent % 2) - 2 + extra;
    const output = extra === undefined ? input * stride : last + (extent % 2) + extra;
    return { output, before: extent - 1 - Math.min(Math.ceil(length / 2), extent - 1), stride, dilation };
  }
  if (options.padding === undefined || options.padding === 'valid') {
    return { output: last + extent + (extra ?? Math.max(extent, stride) - extent), before: 0, stride, dilation };
  }
  const [before, after] = sides(options.padding, axis);
  return { output: last - before - after + extent + (extra ?? 0), before, stride, dilation };
}

type Shape4 = [number, number, number, number];

function outputShape({ x, filter }: Conv2DTransposeInputs, options: Conv2DTransposeOptions): Shape4 {
  const [batch, height, width] = x.shape as Shape4;
  const [kernelHeight, kernelWidth, groupOut] = filter.shape as Shape4;
  const rows = transposedAxis(0, height, kernelHeight, options).output;
  const columns = transposedAxis(1, width, kernelWidth, options).output;
  return [batch, rows, columns, groupOut * (options.groups ?? 1)];
}

/** Calls `visit(y index, x index, filter index)` once for every product of the sum. */
function products(
  inputs: Conv2DTransposeInputs,
  options: Conv2DTransposeOptions,
  visit: (y: number, x: number, filter: number) => void,
): void {
  const [batch, height, width, inChannels] = inputs.x.shape as Shape4;
  const [kernelHeight, kernelWidth, groupOut] = inputs.filter.shape as Shape4;
  const [, outHeight, outWidth, outChannels] = outputShape(inputs, options);
  const rows = transposedAxis(0, height, kernelHeight, options);
  const columns = transposedAxis(1, width, kernelWidth, options);
  const groupIn = inChannels / (options.groups ?? 1);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        for (let a = 0; a < kernelHeight; a++) {
          const row = i * rows.stride - rows.before + a * rows.dilation;
          if (row < 0 || row >= outHeight) continue;
          for (let b = 0; b < kernelWidth; b++) {
            const column = j * columns.stride - columns.before + b * columns.dilation;
            if (column < 0 || column >= outWidth) continue;
            for (let c = 0; c < inChannels; c++) {
              const firstOut = Math.floor(c / groupIn) * groupOut;
              for (let o = 0; o < groupOut; o++) {
                visit(
                  ((n * outHeight + row) * outWidth + column) * outChannels + firstOut + o,
                  ((n * height + i) * width + j) * inChannels + c,
                  ((a * kernelWidth + b) * groupOut + o) * inChannels + c,
                );
              }
            }
          }
        }
      }
    }
  }
}

export function conv2dTranspose(inputs: Conv2DTransposeInputs, options: Conv2DTransposeOptions = {}): Array64 {
  const { x, filter, bias } = inputs;
  const shape = outputShape(inputs, options);
  const y = array64(shape, (index) => bias?.data[index % shape[3]] ?? 0);
  products(inputs, options, (yi, xi, fi) => (y.data[yi]! += x.data[xi]! * filter.data[fi]!));
  return y;
}

/** Gradients of ⟨y, dy⟩ with respect to every given input. */
export function conv2dTransposeGradients(
  inputs: Conv2DTransposeInputs,
  dy: Array64,
  options: Conv2DTransposeOptions = {},
): Conv2DTransposeInputs {
  const { x, filter, bias } = inputs;
  const dx = array64(x.shape);
  const dfilter = array64(filter.shape);
  products(inputs, options, (yi, xi, fi) => {
    dx.data[xi]! += dy.data[yi]! * filter.data[fi]!;
    dfilter.data[fi]! += dy.data[yi]! * x.data[xi]!;
  });
  return bias === undefined ? { x: dx, filter: dfilter } : { x: dx, filter: dfilter, bias: biasGradient(dy) };
}
