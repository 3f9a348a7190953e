/**
 * Kernels of the region operators on WebAssembly (assembly/roi.ts): planned here, once for all channels, and executed
 * there.
 */
import type * as tf from '@tensorflow/tfjs';
import { runWasm, runWasmSingle, type WasmCall } from '../../backends/wasm/adapter.js';
import { listFields, type Struct } from '../../backends/wasm/struct.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import type { RoiGeometry } from './geometry.js';
import type { RoiKernelNames, RoiKernels } from './kernels.js';
import { BIN_FIELDS, type Planner, type RoiPlan } from './plan.js';
import { readRegions } from './regions.js';

/** Number of pixels in the largest bin. */
function largestBin({ starts, bins }: RoiPlan): number {
  let largest = 0;
  const length = (line: number): number => starts[line + 1]! - starts[line]!;
  for (let field = 0; field < bins.length; field += BIN_FIELDS) {
    largest = Math.max(largest, length(bins[field]!) * length(bins[field + 1]!));
  }
  return largest;
}

/** Fields of a plan in order; a test compares them with `RoiPlan` in assembly/roi.ts. */
export const PLAN_FIELDS = [
  'starts',
  'positions',
  'weights',
  'slopes',
  'bins',
  'binCount',
  'channels',
  'channelStride',
  'pixels',
  'inWidth',
  'inChannels',
  'list',
] as const;

/** Writes a plan, with scratch memory for the pixels of one bin, and returns its address. */
function writePlan(plan: RoiPlan, g: RoiGeometry, { exports, integers, scratch }: WasmCall): number {
  const bits = ({ buffer }: Float32Array): Int32Array => new Int32Array(buffer);
  const values: Struct<typeof PLAN_FIELDS> = {
    starts: integers(plan.starts),
    positions: integers(plan.positions),
    weights: integers(bits(plan.weights)),
    slopes: integers(bits(plan.slopes)),
    bins: integers(plan.bins),
    binCount: plan.bins.length / BIN_FIELDS,
    channels: plan.channels,
    channelStride: plan.channelStride,
    pixels: g.batch * g.inHeight * g.inWidth,
    inWidth: g.inWidth,
    inChannels: g.inChannels,
    list: scratch(largestBin(plan) * exports.roiPixelBytes()),
  };
  return integers(listFields(PLAN_FIELDS, values));
}

function forwardKernel<G extends RoiGeometry>(
  kernelName: string,
  plan: Planner<G>,
  entry: 'roiForward' | 'roiMaximumForward',
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: (args: KernelArguments) => {
      const g = args.attrs as G;
      const bins = plan(g, readRegions(args, g.deformed === true));
      return runWasmSingle(args, (call) => {
        const y = call.output([g.boxCount, g.outHeight, g.outWidth, g.outChannels]);
        call.exports[entry](writePlan(bins, g, call), call.input('x'), y);
      });
    },
  };
}

/** Kernels whose bins are weighted sums of pixels. Backward computes dx and, if there are offsets, doffset. */
export function weightedKernels<G extends RoiGeometry>(names: RoiKernelNames, plan: Planner<G>): RoiKernels {
  return {
    forward: forwardKernel(names.forward, plan, 'roiForward'),
    backward: {
      kernelName: names.backward,
      backendName: 'wasm',
      kernelFunc: (args: KernelArguments) => {
        const g = args.attrs as G;
        const deformed = g.deformed === true;
        const bins = plan(g, readRegions(args, deformed));
        return runWasm(args, (call) => {
          const dx = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
          const { shape } = args.inputs[deformed ? 'offset' : 'dy']!;
          const doffset = deformed ? call.output(shape) : 0;
          const elements = deformed ? sizeOf(shape) : 0;
          const x = deformed ? call.input('x') : 0;
          call.exports.roiBackward(writePlan(bins, g, call), x, call.input('dy'), dx, doffset, elements);
        });
      },
    },
  };
}

/** Kernels whose bins are the maximum of their pixels. */
export function maximumKernels<G extends RoiGeometry>(names: RoiKernelNames, plan: Planner<G>): RoiKernels {
  return {
    forward: forwardKernel(names.forward, plan, 'roiMaximumForward'),
    backward: {
      kernelName: names.backward,
      backendName: 'wasm',
      kernelFunc: (args: KernelArguments) => {
        const g = args.attrs as G;
        const bins = plan(g, readRegions(args, false));
        return runWasmSingle(args, (call) => {
          const dx = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
          call.exports.roiMaximumBackward(writePlan(bins, g, call), call.input('x'), call.input('dy'), dx);
        });
      },
    },
  };
}
