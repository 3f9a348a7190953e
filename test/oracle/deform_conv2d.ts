/**
 * deformConv2d in float64. Output (i, j), tap (a, b), input channel c of offset group g = ⌊c / (C / OG)⌋ samples at
 * (y, x) = (i, j)·s − p + (a, b)·d + offset[n, i, j, (g, a, b)], bilinearly; y = Σ filter · mask · sample + bias.
 *
 * A sample is 0, and so are its gradients, unless −1 < y < H and −1 < x < W, which no NaN satisfies: what is not
 * sampled is not multiplied either. A corner outside the image counts as 0. With y₀ = ⌊y⌋ and l = y − y₀,
 * ∂v/∂y = (1 − lx)·(I[y₀+1, x₀] − I[y₀, x₀]) + lx·(I[y₀+1, x₀+1] − I[y₀, x₀+1]): at an integer the right-hand difference.
 */
import { array64, type Array64 } from './array64.js';
import { blend, corners, isInside, type Corner } from './bilinear.js';
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

/** One tap of one offset group at one output position: its sample and the elements that it contributes to. */
interface Tap {
  readonly around: readonly Corner[];
  /** Of Δy; Δx is the next element. */
  readonly offsetIndex: number;
  readonly maskIndex: number;
  /** The input channels of the offset group. */
  readonly channels: readonly number[];
  /** Of the first output channel that an input channel feeds. */
  readonly yIndex: (channel: number) => number;
  /** Of the weight of an input channel to that output channel. */
  readonly filterIndex: (channel: number) => number;
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
  const offsetIn = inChannels / offsetGroups;
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < rows.output; i++) {
      for (let j = 0; j < columns.output; j++) {
        const position = (batch * rows.output + i) * columns.output + j;
        for (let group = 0; group < offsetGroups; group++) {
          const channels = Array.from({ length: offsetIn }, (_, channel) => group * offsetIn + channel);
          for (let a = 0; a < kernelHeight; a++) {
            for (let b = 0; b < kernelWidth; b++) {
              const tap = a * kernelWidth + b;
              const maskIndex = (position * offsetGroups + group) * kernelHeight * kernelWidth + tap;
              const y = tapPosition(rows, i, a) + offset.data[2 * maskIndex]!;
              const x = tapPosition(columns, j, b) + offset.data[2 * maskIndex + 1]!;
              if (!isInside(image, y, x)) continue;
              const firstOut = (channel: number): number => Math.floor(channel / groupIn) * groupOut;
              visit({
                around: corners(image, { batch, y, x }),
                offsetIndex: 2 * maskIndex,
                maskIndex,
                channels,
                yIndex: (channel) => position * outChannels + firstOut(channel),
                filterIndex: (channel) => (tap * groupIn + (channel % groupIn)) * outChannels + firstOut(channel),
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
  const outChannels = filter.shape[3]!;
  const shape = [image.shape[0]!, rows.output, columns.output, outChannels];
  const y = array64(shape, (index) => bias?.data[index % outChannels] ?? 0);
  const groupOut = channelsOut(inputs);
  taps(inputs, options, ({ around, maskIndex, channels, yIndex, filterIndex }) => {
    for (const channel of channels) {
      const value = blend(image, around, channel) * (mask?.data[maskIndex] ?? 1);
      const [yi, fi] = [yIndex(channel), filterIndex(channel)];
      for (let o = 0; o < groupOut; o++) y.data[yi + o]! += value * filter.data[fi + o]!;
    }
  });
  return y;
}

/**
 * Gradients of ⟨y, dy⟩ with respect to every given input; `absolute` replaces every slope by 1, its largest value,
 * which bounds the sums of absolute values if all inputs are positive.
 */
export function deformConv2dGradients(
  inputs: DeformConv2DInputs,
  dy: Array64,
  options: DeformConv2DOptions = {},
  { absolute = false } = {},
): DeformConv2DInputs {
  const { x: image, offset, filter, mask, bias } = inputs;
  const dx = array64(image.shape);
  const doffset = array64(offset.shape);
  const dfilter = array64(filter.shape);
  const dmask = mask && array64(mask.shape);
  const groupOut = channelsOut(inputs);
  const slope = (value: number): number => (absolute ? 1 : value);
  taps(inputs, options, ({ around, offsetIndex, maskIndex, channels, yIndex, filterIndex }) => {
    const weight = mask?.data[maskIndex] ?? 1;
    for (const channel of channels) {
      const sample = blend(image, around, channel);
      const [yi, fi] = [yIndex(channel), filterIndex(channel)];
      let column = 0;
      for (let o = 0; o < groupOut; o++) {
        const g = dy.data[yi + o]!;
        column += g * filter.data[fi + o]!;
        dfilter.data[fi + o]! += g * weight * sample;
      }
      if (dmask) dmask.data[maskIndex]! += column * sample;
      for (const corner of around) {
        const value = image.data[corner.pixel + channel]!;
        dx.data[corner.pixel + channel]! += column * weight * corner.weight;
        doffset.data[offsetIndex]! += column * weight * slope(corner.dy) * value;
        doffset.data[offsetIndex + 1]! += column * weight * slope(corner.dx) * value;
      }
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
