/** depthwiseConv2d in plain TypeScript: taps outside, channels inside. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput, readOptional, type KernelArguments } from '../cpu_backend.js';
import type { ConvGeometry } from '../geometry.js';
import { visitTaps } from '../visit_taps.js';
import { DEPTHWISE_CONV2D } from './names.js';

export const forward: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const x = readInput(args, 'x');
    const filter = readInput(args, 'filter');
    const bias = readOptional(args, 'bias');
    const { inChannels, outChannels } = g;
    const multiplier = outChannels / inChannels;
    const y = new Float32Array(g.batch * g.outHeight * g.outWidth * outChannels);
    if (bias !== undefined) for (let start = 0; start < y.length; start += outChannels) y.set(bias, start);
    visitTaps(g, (input, output, tap) => {
      for (let c = 0; c < inChannels; c++) {
        const value = x[input * inChannels + c]!;
        const yStart = output * outChannels + c * multiplier;
        const fStart = tap * outChannels + c * multiplier;
        for (let m = 0; m < multiplier; m++) y[yStart + m]! += value * filter[fStart + m]!;
      }
    });
    return makeOutput(args, [g.batch, g.outHeight, g.outWidth, outChannels], y);
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardInput,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const dy = readInput(args, 'dy');
    const filter = readInput(args, 'filter');
    const { inChannels, outChannels } = g;
    const multiplier = outChannels / inChannels;
    const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * inChannels);
    visitTaps(g, (input, output, tap) => {
      for (let c = 0; c < inChannels; c++) {
        const yStart = output * outChannels + c * multiplier;
        const fStart = tap * outChannels + c * multiplier;
        let sum = 0;
        for (let m = 0; m < multiplier; m++) sum += dy[yStart + m]! * filter[fStart + m]!;
        dx[input * inChannels + c]! += sum;
      }
    });
    return makeOutput(args, [g.batch, g.inHeight, g.inWidth, inChannels], dx);
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardFilter,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const x = readInput(args, 'x');
    const dy = readInput(args, 'dy');
    const { inChannels, outChannels, kernelHeight, kernelWidth } = g;
    const multiplier = outChannels / inChannels;
    const dfilter = new Float32Array(kernelHeight * kernelWidth * outChannels);
    visitTaps(g, (input, output, tap) => {
      for (let c = 0; c < inChannels; c++) {
        const value = x[input * inChannels + c]!;
        const yStart = output * outChannels + c * multiplier;
        const fStart = tap * outChannels + c * multiplier;
        for (let m = 0; m < multiplier; m++) dfilter[fStart + m]! += value * dy[yStart + m]!;
      }
    });
    return makeOutput(args, [kernelHeight, kernelWidth, inChannels, multiplier], dfilter);
  },
};
