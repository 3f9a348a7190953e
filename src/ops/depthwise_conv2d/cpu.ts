/** depthwiseConv2d in plain TypeScript: loops over taps, then the multiplier (nearly always 1), then channels. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput, readOptional } from '../../backends/cpu/adapter.js';
import { visitRuns } from '../../backends/cpu/visit_runs.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEPTHWISE_CONV2D } from './kernels.js';

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
    visitRuns(g, (input, output, tap, count) => {
      for (let position = 0; position < count; position++) {
        const from = (input + position * g.strideWidth) * inChannels;
        for (let m = 0; m < multiplier; m++) {
          let to = (output + position) * outChannels + m;
          let weight = tap * outChannels + m;
          for (let c = from; c < from + inChannels; c++, to += multiplier, weight += multiplier) {
            y[to]! += x[c]! * filter[weight]!;
          }
        }
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
    visitRuns(g, (input, output, tap, count) => {
      for (let position = 0; position < count; position++) {
        const to = (input + position * g.strideWidth) * inChannels;
        for (let m = 0; m < multiplier; m++) {
          let from = (output + position) * outChannels + m;
          let weight = tap * outChannels + m;
          for (let c = to; c < to + inChannels; c++, from += multiplier, weight += multiplier) {
            dx[c]! += dy[from]! * filter[weight]!;
          }
        }
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
    visitRuns(g, (input, output, tap, count) => {
      for (let position = 0; position < count; position++) {
        const from = (input + position * g.strideWidth) * inChannels;
        for (let m = 0; m < multiplier; m++) {
          let upstream = (output + position) * outChannels + m;
          let to = tap * outChannels + m;
          for (let c = from; c < from + inChannels; c++, upstream += multiplier, to += multiplier) {
            dfilter[to]! += x[c]! * dy[upstream]!;
          }
        }
      }
    });
    return makeOutput(args, [kernelHeight, kernelWidth, inChannels, multiplier], dfilter);
  },
};
