/** deformConv2d in plain TypeScript: one sampling plan a position, then taps outside and channels inside. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput, readOptional } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEFORM_CONV2D, type DeformGeometry } from './names.js';
import { createPlan, planPosition, type SamplingPlan } from './sampling_plan.js';

/** A plan for each output position in turn. */
function visitPositions(
  g: DeformGeometry,
  offset: Float32Array,
  visit: (plan: SamplingPlan, position: number) => void,
): void {
  const plan = createPlan(g.offsetGroups * g.kernelHeight * g.kernelWidth);
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        planPosition(plan, g, offset, n, oy, ox);
        visit(plan, (n * g.outHeight + oy) * g.outWidth + ox);
      }
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
    const mask = g.modulated ? readInput(args, 'mask') : undefined;
    const bias = readOptional(args, 'bias');
    const { inChannels, outChannels, offsetGroups } = g;
    const taps = g.kernelHeight * g.kernelWidth;
    const groupIn = inChannels / g.groups;
    const groupOut = outChannels / g.groups;
    const offsetIn = inChannels / offsetGroups;
    const y = new Float32Array(g.batch * g.outHeight * g.outWidth * outChannels);
    if (bias !== undefined) for (let start = 0; start < y.length; start += outChannels) y.set(bias, start);
    visitPositions(g, readInput(args, 'offset'), ({ corners, weights, inside }, position) => {
      for (let s = 0; s < offsetGroups * taps; s++) {
        if (inside[s] === 0) continue;
        const tap = s % taps;
        const first = ((s - tap) / taps) * offsetIn;
        const m = mask === undefined ? 1 : mask[position * offsetGroups * taps + s]!;
        const [w0, w1, w2, w3] = [weights[s * 4]!, weights[s * 4 + 1]!, weights[s * 4 + 2]!, weights[s * 4 + 3]!];
        const [i0, i1] = [corners[s * 4]! * inChannels, corners[s * 4 + 1]! * inChannels];
        const [i2, i3] = [corners[s * 4 + 2]! * inChannels, corners[s * 4 + 3]! * inChannels];
        for (let c = first; c < first + offsetIn; c++) {
          const value = m * (w0 * x[i0 + c]! + w1 * x[i1 + c]! + w2 * x[i2 + c]! + w3 * x[i3 + c]!);
          const group = Math.floor(c / groupIn);
          const yStart = position * outChannels + group * groupOut;
          const shift = (tap * groupIn + c - group * groupIn) * outChannels + group * groupOut - yStart;
          for (let i = yStart; i < yStart + groupOut; i++) y[i]! += value * filter[i + shift]!;
        }
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
    const mask = g.modulated ? readInput(args, 'mask') : undefined;
    const dy = readInput(args, 'dy');
    const { inChannels, outChannels, offsetGroups } = g;
    const taps = g.kernelHeight * g.kernelWidth;
    const samples = offsetGroups * taps;
    const groupIn = inChannels / g.groups;
    const groupOut = outChannels / g.groups;
    const offsetIn = inChannels / offsetGroups;
    const place = [g.batch, g.outHeight, g.outWidth];
    const positions = g.batch * g.outHeight * g.outWidth;
    const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * inChannels);
    const doffset = new Float32Array(positions * samples * 2);
    const dmask = new Float32Array(mask === undefined ? 0 : positions * samples);
    visitPositions(g, readInput(args, 'offset'), ({ corners, weights, slopesY, slopesX, inside }, position) => {
      for (let s = 0; s < samples; s++) {
        if (inside[s] === 0) continue;
        const tap = s % taps;
        const first = ((s - tap) / taps) * offsetIn;
        const m = mask === undefined ? 1 : mask[position * samples + s]!;
        const [w0, w1, w2, w3] = [weights[s * 4]!, weights[s * 4 + 1]!, weights[s * 4 + 2]!, weights[s * 4 + 3]!];
        const [i0, i1] = [corners[s * 4]! * inChannels, corners[s * 4 + 1]! * inChannels];
        const [i2, i3] = [corners[s * 4 + 2]! * inChannels, corners[s * 4 + 3]! * inChannels];
        // ⟨column gradient, corner value⟩ for each corner: value, mask and both offsets follow from these four.
        let [p0, p1, p2, p3] = [0, 0, 0, 0];
        for (let c = first; c < first + offsetIn; c++) {
          const group = Math.floor(c / groupIn);
          const yStart = position * outChannels + group * groupOut;
          const shift = (tap * groupIn + c - group * groupIn) * outChannels + group * groupOut - yStart;
          let column = 0;
          for (let i = yStart; i < yStart + groupOut; i++) column += dy[i]! * filter[i + shift]!;
          dx[i0 + c]! += m * w0 * column;
          dx[i1 + c]! += m * w1 * column;
          dx[i2 + c]! += m * w2 * column;
          dx[i3 + c]! += m * w3 * column;
          p0 += column * x[i0 + c]!;
          p1 += column * x[i1 + c]!;
          p2 += column * x[i2 + c]!;
          p3 += column * x[i3 + c]!;
        }
        const at = position * samples + s;
        const q = s * 4;
        doffset[at * 2] = m * (slopesY[q]! * p0 + slopesY[q + 1]! * p1 + slopesY[q + 2]! * p2 + slopesY[q + 3]! * p3);
        doffset[at * 2 + 1] =
          m * (slopesX[q]! * p0 + slopesX[q + 1]! * p1 + slopesX[q + 2]! * p2 + slopesX[q + 3]! * p3);
        if (mask !== undefined) dmask[at] = w0 * p0 + w1 * p1 + w2 * p2 + w3 * p3;
      }
    });
    const outputs = [
      makeOutput(args, [g.batch, g.inHeight, g.inWidth, inChannels], dx),
      makeOutput(args, [...place, samples * 2], doffset),
    ];
    if (mask !== undefined) outputs.push(makeOutput(args, [...place, samples], dmask));
    return outputs;
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardFilter,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const x = readInput(args, 'x');
    const mask = g.modulated ? readInput(args, 'mask') : undefined;
    const dy = readInput(args, 'dy');
    const { inChannels, outChannels, offsetGroups } = g;
    const taps = g.kernelHeight * g.kernelWidth;
    const groupIn = inChannels / g.groups;
    const groupOut = outChannels / g.groups;
    const offsetIn = inChannels / offsetGroups;
    const dfilter = new Float32Array(taps * groupIn * outChannels);
    visitPositions(g, readInput(args, 'offset'), ({ corners, weights, inside }, position) => {
      for (let s = 0; s < offsetGroups * taps; s++) {
        if (inside[s] === 0) continue;
        const tap = s % taps;
        const first = ((s - tap) / taps) * offsetIn;
        const m = mask === undefined ? 1 : mask[position * offsetGroups * taps + s]!;
        const [w0, w1, w2, w3] = [weights[s * 4]!, weights[s * 4 + 1]!, weights[s * 4 + 2]!, weights[s * 4 + 3]!];
        const [i0, i1] = [corners[s * 4]! * inChannels, corners[s * 4 + 1]! * inChannels];
        const [i2, i3] = [corners[s * 4 + 2]! * inChannels, corners[s * 4 + 3]! * inChannels];
        for (let c = first; c < first + offsetIn; c++) {
          const value = m * (w0 * x[i0 + c]! + w1 * x[i1 + c]! + w2 * x[i2 + c]! + w3 * x[i3 + c]!);
          const group = Math.floor(c / groupIn);
          const yStart = position * outChannels + group * groupOut;
          const shift = (tap * groupIn + c - group * groupIn) * outChannels + group * groupOut - yStart;
          for (let i = yStart; i < yStart + groupOut; i++) dfilter[i + shift]! += value * dy[i]!;
        }
      }
    });
    return makeOutput(args, [g.kernelHeight, g.kernelWidth, groupIn, outChannels], dfilter);
  },
};
