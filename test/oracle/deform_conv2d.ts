/**
 * deformConv2d in float64. Output (i, j), tap (a, b), input channel c of offset group g = ⌊c / (C / OG)⌋ samples at
 * (y, x) = (i, j)·s − p + (a, b)·d + offset[n, i, j, (g, a, b)], bilinearly; y = Σ filter · mask · sample + bias.
 *
 * A sample is 0, and so are its gradients, unless −1 < y < H and −1 < x < W, which no NaN satisfies: what is not
 * sampled is not multiplied either. A corner outside the image counts as 0. With y₀ = ⌊y⌋ and l = y − y₀,
 * ∂v/∂y = (1 − lx)·(I[y₀+1, x₀] − I[y₀, x₀]) + lx·(I[y₀+1, x₀+1] − I[y₀, x₀+1]): at an integer the right-hand difference.
 */
import { array64, type Array64 } from './array64.js';
import { corners, isInside } from './bilinear.js';
import { biasGradient } from './conv2d.js';
import { axisOf, tapPosition, type Axis, type Window } from './window.js';

export type DeformConv2DInputs = Readonly<{
  x: Array64;
  offset: Array64;
  filter: Array64;
  mask?: Array64;
  bias?: Array64;
}>;

export interface DeformConv2DOptions extends Window {
  readonly groups?: number;
  readonly offsetGroups?: number;
}

type Shape4 = [number, number, number, number];

/** One tap of one channel at one output position, with where it reads and which elements it belongs to. */
interface Tap {
  readonly batch: number;
  readonly channel: number;
  readonly y: number;
  readonly x: number;
  /** Of Δy; Δx is the next element. */
  readonly offsetIndex: number;
  readonly maskIndex: number;
  /** Of the first output channel of c's group at this position. */
  readonly yIndex: number;
  /** Of the weight to the first output channel of c's group. */
  readonly filterIndex: number;
}

function axes(inputs: DeformConv2DInputs, options: DeformConv2DOptions): [Axis, Axis] {
  const [, height, width] = inputs.x.shape as Shape4;
  const [kernelHeight, kernelWidth] = inputs.filter.shape as Shape4;
  return [axisOf(0, height, kernelHeight, options), axisOf(1, width, kernelWidth, options)];
}

/** Calls `visit` for every tap that reads the image. */
function taps(inputs: DeformConv2DInputs, options: DeformConv2DOptions, visit: (tap: Tap) => void): void {
  const { x: image, offset, filter } = inputs;
  const [batches, , , inChannels] = image.shape as Shape4;
  const [kernelHeight, kernelWidth, groupIn, outChannels] = filter.shape as Shape4;
  const [rows, columns] = axes(inputs, options);
  const groupOut = outChannels / (inChannels / groupIn);
  const offsetGroups = options.offsetGroups ?? 1;
  const kernelSize = kernelHeight * kernelWidth;
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < rows.output; i++) {
      for (let j = 0; j < columns.output; j++) {
        const position = (batch * rows.output + i) * columns.output + j;
        for (let a = 0; a < kernelHeight; a++) {
          for (let b = 0; b < kernelWidth; b++) {
            for (let channel = 0; channel < inChannels; channel++) {
              const offsetGroup = Math.floor(channel / (inChannels / offsetGroups));
              const tapIndex = a * kernelWidth + b;
              const maskIndex = (position * offsetGroups + offsetGroup) * kernelSize + tapIndex;
              const y = tapPosition(rows, i, a) + offset.data[2 * maskIndex]!;
              const x = tapPosition(columns, j, b) + offset.data[2 * maskIndex + 1]!;
              if (!isInside(image, y, x)) continue;
              const firstOut = Math.floor(channel / groupIn) * groupOut;
              visit({
                batch,
                channel,
                y,
                x,
                offsetIndex: 2 * maskIndex,
                maskIndex,
                yIndex: position * outChannels + firstOut,
                filterIndex: (tapIndex * groupIn + (channel % groupIn)) * outChannels + firstOut,
              });
            }
          }
        }
      }
    }
  }
}

/** Number of output channels that one input channel feeds. */
function channelsOut({ x, filter }: DeformConv2DInputs): number {
  return (filter.shape[3]! * filter.shape[2]!) / x.shape[3]!;
}

export function deformConv2d(inputs: DeformConv2DInputs, options: DeformConv2DOptions = {}): Array64 {
  const { x: image, filter, mask, bias } = inputs;
  const [rows, columns] = axes(inputs, options);
  const channels = filter.shape[3]!;
  const shape = [image.shape[0]!, rows.output, columns.output, channels];
  const y = array64(shape, (index) => bias?.data[index % channels] ?? 0);
  const groupOut = channelsOut(inputs);
  taps(inputs, options, (tap) => {
    const sample = corners(image, tap).reduce((sum, { pixel, weight }) => sum + weight * image.data[pixel]!, 0);
    const value = sample * (mask?.data[tap.maskIndex] ?? 1);
    for (let o = 0; o < groupOut; o++) y.data[tap.yIndex + o]! += value * filter.data[tap.filterIndex + o]!;
  });
  return y;
}

/** Gradients of ⟨y, dy⟩ with respect to every input that is there. */
export function deformConv2dGradients(
  inputs: DeformConv2DInputs,
  dy: Array64,
  options: DeformConv2DOptions = {},
): DeformConv2DInputs {
  const { x: image, offset, filter, mask, bias } = inputs;
  const dx = array64(image.shape);
  const doffset = array64(offset.shape);
  const dfilter = array64(filter.shape);
  const dmask = mask && array64(mask.shape);
  const groupOut = channelsOut(inputs);
  taps(inputs, options, (tap) => {
    const weight = mask?.data[tap.maskIndex] ?? 1;
    const around = corners(image, tap);
    const sample = around.reduce((sum, corner) => sum + corner.weight * image.data[corner.pixel]!, 0);
    let column = 0;
    for (let o = 0; o < groupOut; o++) {
      const g = dy.data[tap.yIndex + o]!;
      column += g * filter.data[tap.filterIndex + o]!;
      dfilter.data[tap.filterIndex + o]! += g * weight * sample;
    }
    if (dmask) dmask.data[tap.maskIndex]! += column * sample;
    for (const corner of around) {
      const value = image.data[corner.pixel]!;
      dx.data[corner.pixel]! += column * weight * corner.weight;
      doffset.data[tap.offsetIndex]! += column * weight * corner.dy * value;
      doffset.data[tap.offsetIndex + 1]! += column * weight * corner.dx * value;
    }
  });
  return {
    x: dx,
    offset: doffset,
    filter: dfilter,
    ...(dmask && { mask: dmask }),
    ...(bias && { bias: biasGradient(dy) }),
  };
}
