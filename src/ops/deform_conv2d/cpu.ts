/**
 * deformConv2d in plain TypeScript: one sampling plan per position, then an outer loop over taps and an inner loop over
 * channels.
 */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput, readOptional } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEFORM_CONV2D, type DeformGeometry } from './kernels.js';
import { createPlan, planPosition, type SamplingPlan } from './sampling_plan.js';

/** A sample inside the image. One object is reused for all samples of a kernel call. */
interface Sample {
  /** Output position. */
  position: number;
  /** Index of the sample over all positions. */
  at: number;
  tap: number;
  /** First channel read. */
  first: number;
  /** Mask value, 1 without a mask. */
  modulation: number;
  /** Bilinear weights of the four corners. */
  w: [number, number, number, number];
  /** Index of the first element of each corner's pixel. */
  pixels: [number, number, number, number];
  /** Index of the first of its four corners in the plan. */
  q: number;
}

/** Visits every sample inside the image, position by position, with the plan of its position. */
function visitSamples(args: KernelArguments, visit: (sample: Readonly<Sample>, plan: SamplingPlan) => void): void {
  const g = args.attrs as DeformGeometry;
  const offset = readInput(args, 'offset');
  const mask = g.modulated ? readInput(args, 'mask') : undefined;
  const taps = g.kernelHeight * g.kernelWidth;
  const samples = g.offsetGroups * taps;
  const offsetIn = g.inChannels / g.offsetGroups;
  const plan = createPlan(samples);
  const { corners, cornerWeights, inside } = plan;
  const sample: Sample = {
    position: 0,
    at: 0,
    tap: 0,
    first: 0,
    modulation: 1,
    w: [0, 0, 0, 0],
    pixels: [0, 0, 0, 0],
    q: 0,
  };
  for (let position = 0; position < g.batch * g.outHeight * g.outWidth; position++) {
    planPosition(plan, g, offset, position);
    sample.position = position;
    for (let s = 0; s < samples; s++) {
      if (inside[s] === 0) continue;
      sample.at = position * samples + s;
      sample.tap = s % taps;
      sample.first = ((s - sample.tap) / taps) * offsetIn;
      sample.modulation = mask === undefined ? 1 : mask[sample.at]!;
      sample.q = s * 4;
      for (let corner = 0; corner < 4; corner++) {
        sample.w[corner] = cornerWeights[sample.q + corner]!;
        sample.pixels[corner] = corners[sample.q + corner]! * g.inChannels;
      }
      visit(sample, plan);
    }
  }
}

export const forward: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const x = readInput(args, 'x');
    const filter = readInput(args, 'filter');
    const bias = readOptional(args, 'bias');
    const { inChannels, outChannels } = g;
    const groupIn = inChannels / g.groups;
    const groupOut = outChannels / g.groups;
    const offsetIn = inChannels / g.offsetGroups;
    const y = new Float32Array(g.batch * g.outHeight * g.outWidth * outChannels);
    if (bias !== undefined) for (let start = 0; start < y.length; start += outChannels) y.set(bias, start);
    visitSamples(args, ({ position, tap, first, modulation, w: [w0, w1, w2, w3], pixels: [i0, i1, i2, i3] }) => {
      for (let c = first; c < first + offsetIn; c++) {
        const value = modulation * (w0 * x[i0 + c]! + w1 * x[i1 + c]! + w2 * x[i2 + c]! + w3 * x[i3 + c]!);
        const group = Math.floor(c / groupIn);
        const yStart = position * outChannels + group * groupOut;
        const shift = (tap * groupIn + c - group * groupIn) * outChannels + group * groupOut - yStart;
        for (let i = yStart; i < yStart + groupOut; i++) y[i]! += value * filter[i + shift]!;
      }
    });
    return makeOutput(args, [g.batch, g.outHeight, g.outWidth, outChannels], y);
  },
};

export const backwardData: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardData,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const x = readInput(args, 'x');
    const filter = readInput(args, 'filter');
    const { modulated } = g;
    const dy = readInput(args, 'dy');
    const { inChannels, outChannels, offsetGroups } = g;
    const taps = g.kernelHeight * g.kernelWidth;
    const samples = offsetGroups * taps;
    const groupIn = inChannels / g.groups;
    const groupOut = outChannels / g.groups;
    const offsetIn = inChannels / offsetGroups;
    const outputGrid = [g.batch, g.outHeight, g.outWidth];
    const positions = g.batch * g.outHeight * g.outWidth;
    const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * inChannels);
    const doffset = new Float32Array(positions * samples * 2);
    const dmask = new Float32Array(modulated ? positions * samples : 0);
    visitSamples(
      args,
      (
        { position, tap, first, modulation, w: [w0, w1, w2, w3], pixels: [i0, i1, i2, i3], at, q },
        { slopesY, slopesX },
      ) => {
        // ⟨column gradient, corner value⟩ for each corner: value, mask and both offsets follow from these four.
        let [p0, p1, p2, p3] = [0, 0, 0, 0];
        for (let c = first; c < first + offsetIn; c++) {
          const group = Math.floor(c / groupIn);
          const yStart = position * outChannels + group * groupOut;
          const shift = (tap * groupIn + c - group * groupIn) * outChannels + group * groupOut - yStart;
          let column = 0;
          for (let i = yStart; i < yStart + groupOut; i++) column += dy[i]! * filter[i + shift]!;
          dx[i0 + c]! += modulation * w0 * column;
          dx[i1 + c]! += modulation * w1 * column;
          dx[i2 + c]! += modulation * w2 * column;
          dx[i3 + c]! += modulation * w3 * column;
          p0 += column * x[i0 + c]!;
          p1 += column * x[i1 + c]!;
          p2 += column * x[i2 + c]!;
          p3 += column * x[i3 + c]!;
        }
        doffset[at * 2] =
          modulation * (slopesY[q]! * p0 + slopesY[q + 1]! * p1 + slopesY[q + 2]! * p2 + slopesY[q + 3]! * p3);
        doffset[at * 2 + 1] =
          modulation * (slopesX[q]! * p0 + slopesX[q + 1]! * p1 + slopesX[q + 2]! * p2 + slopesX[q + 3]! * p3);
        if (modulated) dmask[at] = w0 * p0 + w1 * p1 + w2 * p2 + w3 * p3;
      },
    );
    const outputs = [
      makeOutput(args, [g.batch, g.inHeight, g.inWidth, inChannels], dx),
      makeOutput(args, [...outputGrid, samples * 2], doffset),
    ];
    if (modulated) outputs.push(makeOutput(args, [...outputGrid, samples], dmask));
    return outputs;
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardFilter,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const x = readInput(args, 'x');
    const dy = readInput(args, 'dy');
    const { inChannels, outChannels } = g;
    const taps = g.kernelHeight * g.kernelWidth;
    const groupIn = inChannels / g.groups;
    const groupOut = outChannels / g.groups;
    const offsetIn = inChannels / g.offsetGroups;
    const dfilter = new Float32Array(taps * groupIn * outChannels);
    visitSamples(args, ({ position, tap, first, modulation, w: [w0, w1, w2, w3], pixels: [i0, i1, i2, i3] }) => {
      for (let c = first; c < first + offsetIn; c++) {
        const value = modulation * (w0 * x[i0 + c]! + w1 * x[i1 + c]! + w2 * x[i2 + c]! + w3 * x[i3 + c]!);
        const group = Math.floor(c / groupIn);
        const yStart = position * outChannels + group * groupOut;
        const shift = (tap * groupIn + c - group * groupIn) * outChannels + group * groupOut - yStart;
        for (let i = yStart; i < yStart + groupOut; i++) dfilter[i + shift]! += value * dy[i]!;
      }
    });
    return makeOutput(args, [g.kernelHeight, g.kernelWidth, groupIn, outChannels], dfilter);
  },
};
