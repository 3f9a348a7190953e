/** Kernels of the region operators in plain TypeScript. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { maximum, offsetGradient, spread, spreadToMaxima, weightedSum } from './apply.js';
import type { RoiGeometry } from './geometry.js';
import type { RoiKernels, RoiKernelNames } from './kernels.js';
import type { Planner, RoiPlan } from './plan.js';
import { readRegions } from './regions.js';

type Forward = (plan: RoiPlan, geometry: RoiGeometry, x: Float32Array) => Float32Array;

function forwardKernel<G extends RoiGeometry>(kernelName: string, plan: Planner<G>, apply: Forward): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'cpu',
    kernelFunc: (args: KernelArguments) => {
      const g = args.attrs as G;
      const y = apply(plan(g, readRegions(args, g.deformed === true)), g, readInput(args, 'x'));
      return makeOutput(args, [g.boxCount, g.outHeight, g.outWidth, g.outChannels], y);
    },
  };
}

/** Kernels whose bins are weighted sums of pixels. Backward computes dx and, if there are offsets, doffset. */
export function weightedKernels<G extends RoiGeometry>(names: RoiKernelNames, plan: Planner<G>): RoiKernels {
  return {
    forward: forwardKernel(names.forward, plan, weightedSum),
    backward: {
      kernelName: names.backward,
      backendName: 'cpu',
      kernelFunc: (args: KernelArguments) => {
        const g = args.attrs as G;
        const deformed = g.deformed === true;
        const bins = plan(g, readRegions(args, deformed));
        const dy = readInput(args, 'dy');
        const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * g.inChannels);
        spread(bins, g, dy, dx);
        const outputs = [makeOutput(args, [g.batch, g.inHeight, g.inWidth, g.inChannels], dx)];
        if (!deformed) return outputs;
        const doffset = new Float32Array(readInput(args, 'offset').length);
        offsetGradient(bins, g, readInput(args, 'x'), dy, doffset);
        return [...outputs, makeOutput(args, args.inputs['offset']!.shape, doffset)];
      },
    },
  };
}

/** Kernels whose bins are the maximum of their pixels. */
export function maximumKernels<G extends RoiGeometry>(names: RoiKernelNames, plan: Planner<G>): RoiKernels {
  return {
    forward: forwardKernel(names.forward, plan, maximum),
    backward: {
      kernelName: names.backward,
      backendName: 'cpu',
      kernelFunc: (args: KernelArguments) => {
        const g = args.attrs as G;
        const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * g.inChannels);
        spreadToMaxima(plan(g, readRegions(args, false)), g, readInput(args, 'x'), readInput(args, 'dy'), dx);
        return makeOutput(args, [g.batch, g.inHeight, g.inWidth, g.inChannels], dx);
      },
    },
  };
}
