/** conv2d in plain TypeScript: taps outside, channels inside, so that the inner loop runs over contiguous memory. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput, readOptional, type KernelArguments } from '../cpu_backend.js';
import type { ConvGeometry } from '../geometry.js';
import { visitTaps } from '../visit_taps.js';
import { CONV2D } from './names.js';

export const forward: tf.KernelConfig = {
  kernelName: CONV2D.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const x = readInput(args, 'x');
    const filter = readInput(args, 'filter');
    const bias = readOptional(args, 'bias');
    const { inChannels, outChannels, groups } = g;
    const groupIn = inChannels / groups;
    const groupOut = outChannels / groups;
    const y = new Float32Array(g.batch * g.outHeight * g.outWidth * outChannels);
    if (bias !== undefined) for (let start = 0; start < y.length; start += outChannels) y.set(bias, start);
    visitTaps(g, (input, output, tap) => {
      for (let group = 0; group < groups; group++) {
        const yStart = output * outChannels + group * groupOut;
        for (let c = 0; c < groupIn; c++) {
          const value = x[input * inChannels + group * groupIn + c]!;
          const shift = (tap * groupIn + c) * outChannels + group * groupOut - yStart;
          for (let i = yStart; i < yStart + groupOut; i++) y[i]! += value * filter[i + shift]!;
        }
      }
    });
    return makeOutput(args, [g.batch, g.outHeight, g.outWidth, outChannels], y);
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: CONV2D.backwardInput,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const dy = readInput(args, 'dy');
    const filter = readInput(args, 'filter');
    const { inChannels, outChannels, groups } = g;
    const groupIn = inChannels / groups;
    const groupOut = outChannels / groups;
    const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * inChannels);
    visitTaps(g, (input, output, tap) => {
      for (let group = 0; group < groups; group++) {
        const yStart = output * outChannels + group * groupOut;
        for (let c = 0; c < groupIn; c++) {
          const shift = (tap * groupIn + c) * outChannels + group * groupOut - yStart;
          let sum = 0;
          for (let i = yStart; i < yStart + groupOut; i++) sum += dy[i]! * filter[i + shift]!;
          dx[input * inChannels + group * groupIn + c]! += sum;
        }
      }
    });
    return makeOutput(args, [g.batch, g.inHeight, g.inWidth, inChannels], dx);
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: CONV2D.backwardFilter,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const x = readInput(args, 'x');
    const dy = readInput(args, 'dy');
    const { inChannels, outChannels, groups, kernelHeight, kernelWidth } = g;
    const groupIn = inChannels / groups;
    const groupOut = outChannels / groups;
    const dfilter = new Float32Array(kernelHeight * kernelWidth * groupIn * outChannels);
    visitTaps(g, (input, output, tap) => {
      for (let group = 0; group < groups; group++) {
        const yStart = output * outChannels + group * groupOut;
        for (let c = 0; c < groupIn; c++) {
          const value = x[input * inChannels + group * groupIn + c]!;
          const shift = (tap * groupIn + c) * outChannels + group * groupOut - yStart;
          for (let i = yStart; i < yStart + groupOut; i++) dfilter[i + shift]! += value * dy[i]!;
        }
      }
    });
    return makeOutput(args, [kernelHeight, kernelWidth, groupIn, outChannels], dfilter);
  },
};
