/**
 * deformConv2dV3 in float64 (InternImage; DCNv4 without the softmax). x in `groups` groups of channels, each with its
 * own offsets (y, x) and weights for P = kh·kw − removeCenter taps, row-major: position = (half − p + i·s) − half·scale
 * + (a·d + Δ)·scale with half = (d·(k − 1)) >> 1 and p the padding before; y[n, i, j, c] = Σ weight · sample, with
 * weights from a softmax over the P taps, or as given.
 */
import { array64, type Array64 } from './array64.js';
import { blend, corners, isInside, sample } from './bilinear.js';
import { axisOf, type Axis, type Window } from './window.js';

export type DeformConv2DV3Inputs = Readonly<{ x: Array64; offset: Array64; mask: Array64 }>;

export interface DeformConv2DV3Options extends Window {
  readonly kernelSize: readonly [number, number];
  readonly groups: number;
  readonly offsetScale: number;
  readonly removeCenter: boolean;
  readonly softmax: boolean;
}

/** The taps (a, b) of the grid in order, without the centre if it is omitted. */
export function tapsOf({ kernelSize: [height, width], removeCenter }: DeformConv2DV3Options): [number, number][] {
  const all = Array.from({ length: height * width }, (_, tap): [number, number] => [
    Math.floor(tap / width),
    tap % width,
  ]);
  return removeCenter ? all.filter((_, tap) => tap !== (height * width - 1) / 2) : all;
}

function locationAlong(axis: Axis, output: number, tap: number, shift: number, scale: number): number {
  const half = (axis.dilation * (axis.kernel - 1)) >> 1;
  return half - axis.before + output * axis.stride - half * scale + (tap * axis.dilation + shift) * scale;
}

export function deformConv2dV3({ x, offset, mask }: DeformConv2DV3Inputs, options: DeformConv2DV3Options): Array64 {
  const [batches, height, width, channels] = x.shape as [number, number, number, number];
  const rows = axisOf(0, height, options.kernelSize[0], options);
  const columns = axisOf(1, width, options.kernelSize[1], options);
  const taps = tapsOf(options);
  return array64([batches, rows.output, columns.output, channels], (index) => {
    const channel = index % channels;
    const position = Math.floor(index / channels);
    const j = position % columns.output;
    const i = Math.floor(position / columns.output) % rows.output;
    const batch = Math.floor(position / columns.output / rows.output);
    const group = Math.floor(channel / (channels / options.groups));
    const first = (position * options.groups + group) * taps.length;
    const raw = taps.map((_, tap) => mask.data[first + tap]!);
    const total = raw.reduce((sum, value) => sum + Math.exp(value), 0);
    return taps.reduce((sum, [a, b], tap) => {
      const weight = options.softmax ? Math.exp(raw[tap]!) / total : raw[tap]!;
      const at = 2 * (first + tap);
      const where = {
        batch,
        y: locationAlong(rows, i, a, offset.data[at]!, options.offsetScale),
        x: locationAlong(columns, j, b, offset.data[at + 1]!, options.offsetScale),
      };
      return sum + weight * sample(x, where, channel);
    }, 0);
  });
}

/**
 * Gradients of ⟨y, dy⟩ with respect to every input; `absolute` drops the signs of the weights and replaces every slope
 * by 1, its largest value, which bounds the sums of absolute values if x and dy are positive.
 */
export function deformConv2dV3Gradients(
  { x, offset, mask }: DeformConv2DV3Inputs,
  dy: Array64,
  options: DeformConv2DV3Options,
  { absolute = false } = {},
): DeformConv2DV3Inputs {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const rows = axisOf(0, height, options.kernelSize[0], options);
  const columns = axisOf(1, width, options.kernelSize[1], options);
  const taps = tapsOf(options);
  const size = channels / options.groups;
  const sign = absolute ? Math.abs : (value: number): number => value;
  const slopeOf = (value: number): number => (absolute ? 1 : value);
  const scale = sign(options.offsetScale);
  const [dx, doffset, dmask] = [array64(x.shape), array64(offset.shape), array64(mask.shape)];
  for (let position = 0; position < dy.data.length / channels; position++) {
    const j = position % columns.output;
    const i = Math.floor(position / columns.output) % rows.output;
    const batch = Math.floor(position / columns.output / rows.output);
    for (let group = 0; group < options.groups; group++) {
      const first = (position * options.groups + group) * taps.length;
      const raw = taps.map((_, tap) => mask.data[first + tap]!);
      const total = raw.reduce((sum, value) => sum + Math.exp(value), 0);
      const weights = raw.map((value) => (options.softmax ? Math.exp(value) / total : sign(value)));
      /** Of the weight of each tap. */
      const slopes = taps.map(([a, b], tap) => {
        const at = 2 * (first + tap);
        const y = locationAlong(rows, i, a, offset.data[at]!, options.offsetScale);
        const column = locationAlong(columns, j, b, offset.data[at + 1]!, options.offsetScale);
        if (!isInside(x, y, column)) return 0;
        const around = corners(x, { batch, y, x: column });
        let slope = 0;
        for (let channel = group * size; channel < (group + 1) * size; channel++) {
          const g = dy.data[position * channels + channel]!;
          slope += g * blend(x, around, channel);
          for (const corner of around) {
            const step = g * weights[tap]!;
            const value = x.data[corner.pixel + channel]!;
            dx.data[corner.pixel + channel]! += step * corner.weight;
            doffset.data[at]! += step * scale * slopeOf(corner.dy) * value;
            doffset.data[at + 1]! += step * scale * slopeOf(corner.dx) * value;
          }
        }
        return slope;
      });
      const mean = slopes.reduce((sum, slope, tap) => sum + weights[tap]! * slope, 0);
      taps.forEach((_, tap) => {
        const slope = slopes[tap]!;
        dmask.data[first + tap] = options.softmax ? weights[tap]! * (absolute ? slope + mean : slope - mean) : slope;
      });
    }
  }
  return { x: dx, offset: doffset, mask: dmask };
}
