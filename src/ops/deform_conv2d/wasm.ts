/**
 * deformConv2d on WebAssembly: bilinear gather and packed product (assembly/convolution.ts), or the direct kernel if
 * the convolution is depthwise (assembly/deform_depthwise.ts).
 */
import type * as tf from '@tensorflow/tfjs';
import { runWasm, runWasmSingle, type WasmCall } from '../../backends/wasm/adapter.js';
import { geometryFields } from '../../backends/wasm/geometry.js';
import { writeOperands } from '../../backends/wasm/operands.js';
import { packedFilter } from '../../backends/wasm/packed_filter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEFORM_CONV2D, type DeformGeometry } from './kernels.js';

/** Operands of all three kernels; `dense` measures the scratch memory if the convolution is not depthwise. */
function prepare(
  g: DeformGeometry,
  { exports, input, scratch, integers }: WasmCall,
  dense: 'convolutionScratch' | 'convolutionFilterScratch' = 'convolutionScratch',
) {
  const geometry = integers(geometryFields(g, g.offsetGroups));
  const measure = exports[isDepthwise(g) ? 'deformDepthwiseScratch' : dense];
  return {
    geometry,
    scratch: scratch(measure(geometry)),
    x: input('x'),
    offset: input('offset'),
    mask: g.modulated ? input('mask') : 0,
  };
}

function isDepthwise(g: DeformGeometry): boolean {
  return g.groups === g.inChannels;
}

export const forward: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    return runWasmSingle(args, (call) => {
      const shared = prepare(g, call);
      const { convolutionForward, deformDepthwiseForward } = call.exports;
      const y = call.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      const operands = { ...shared, filter: call.input('filter'), bias: call.input('bias'), y };
      if (isDepthwise(g)) deformDepthwiseForward(writeOperands(call, operands));
      else convolutionForward(writeOperands(call, { ...operands, packed: packedFilter(call, shared.geometry) }));
    });
  },
};

export const backwardData: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardData,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const samples = g.offsetGroups * g.kernelHeight * g.kernelWidth;
    return runWasm(args, (call) => {
      const shared = prepare(g, call);
      const { convolutionBackwardData, deformDepthwiseBackwardData } = call.exports;
      const dx = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      const doffset = call.output([g.batch, g.outHeight, g.outWidth, samples * 2]);
      const dmask = g.modulated ? call.output([g.batch, g.outHeight, g.outWidth, samples]) : 0;
      const [filter, dy] = [call.input('filter'), call.input('dy')];
      const run = isDepthwise(g) ? deformDepthwiseBackwardData : convolutionBackwardData;
      run(writeOperands(call, { ...shared, filter, dy, dx, doffset, dmask }));
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardFilter,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    return runWasmSingle(args, (call) => {
      const shared = prepare(g, call, 'convolutionFilterScratch');
      const { convolutionBackwardFilter, deformDepthwiseBackwardFilter } = call.exports;
      const dfilter = call.output([g.kernelHeight, g.kernelWidth, g.inChannels / g.groups, g.outChannels]);
      const run = isDepthwise(g) ? deformDepthwiseBackwardFilter : convolutionBackwardFilter;
      run(writeOperands(call, { ...shared, dy: call.input('dy'), dfilter }), 0, 1);
    });
  },
};
