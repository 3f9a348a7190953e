/**
 * deformConv2dV3 in float64 (InternImage; DCNv4 without the softmax). x in `groups` groups of channels, each with offsets
 * (y, x) and weights of its own for P = kh·kw − removeCenter taps, row-major:
 * position = (half − p + i·s) − half·scale + (a·d + Δ)·scale with half = (d·(k − 1)) >> 1 and p the padding before;
 * y[n, i, j, c] = Σ weight · sample, with weights of a softmax over the P taps, or as they are.
 */
import { array64, type Array64 } from './array64.js';
import { sample } from './bilinear.js';
import { axisOf, type Axis, type Window } from './window.js';

export type DeformConv2DV3Inputs = Readonly<{ x: Array64; offset: Array64; mask: Array64 }>;

export interface DeformConv2DV3Options extends Window {
  readonly kernelSize: readonly [number, number];
  readonly groups: number;
  readonly offsetScale: number;
  readonly removeCenter: boolean;
  readonly softmax: boolean;
}

/** The taps (a, b) of the grid in order, without the middle one where it is left out. */
export function tapsOf({ kernelSize: [height, width], removeCenter }: DeformConv2DV3Options): [number, number][] {
  const all = Array.from({ length: height * width }, (_, tap): [number, number] => [
    Math.floor(tap / width),
    tap % width,
  ]);
  return removeCenter ? all.filter((_, tap) => tap !== (height * width - 1) / 2) : all;
}

function position(axis: Axis, output: number, tap: number, shift: number, scale: number): number {
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
    const place = Math.floor(index / channels);
    const j = place % columns.output;
    const i = Math.floor(place / columns.output) % rows.output;
    const batch = Math.floor(place / columns.output / rows.output);
    const group = Math.floor(channel / (channels / options.groups));
    const first = (place * options.groups + group) * taps.length;
    const raw = taps.map((_, tap) => mask.data[first + tap]!);
    const total = raw.reduce((sum, value) => sum + Math.exp(value), 0);
    return taps.reduce((sum, [a, b], tap) => {
      const weight = options.softmax ? Math.exp(raw[tap]!) / total : raw[tap]!;
      const at = 2 * (first + tap);
      const where = {
        batch,
        y: position(rows, i, a, offset.data[at]!, options.offsetScale),
        x: position(columns, j, b, offset.data[at + 1]!, options.offsetScale),
      };
      return sum + weight * sample(x, where, channel);
    }, 0);
  });
}
