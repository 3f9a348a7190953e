/** conv2d on WebAssembly: gather and packed product (assembly/convolution.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import { geometryFields } from '../../backends/wasm/geometry.js';
import { disposeHeap } from '../../backends/wasm/heaps.js';
import { writeOperands } from '../../backends/wasm/operands.js';
import { packedFilter } from '../../backends/wasm/packed_filter.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { CONV2D } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: CONV2D.forward,
  backendName: 'wasm',
  // For all kernels of the package: TensorFlow.js calls it when the backend is disposed.
  disposeFunc: disposeHeap,
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, (call) => {
      const { exports, input, output } = call;
      const geometry = call.integers(geometryFields(g, 0));
      const scratch = call.scratch(exports.convolutionScratch(geometry));
      const y = output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      const [x, filter, bias] = [input('x'), input('filter'), input('bias')];
      const packed = packedFilter(call, geometry);
      exports.convolutionForward(writeOperands(call, { geometry, x, filter, packed, bias, y, scratch }));
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: CONV2D.backwardInput,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, (call) => {
      const { exports, input, output } = call;
      const geometry = call.integers(geometryFields(g, 0));
      const scratch = call.scratch(exports.convolutionScratch(geometry));
      const dx = output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      const [filter, dy] = [input('filter'), input('dy')];
      exports.convolutionBackwardData(writeOperands(call, { geometry, filter, dy, dx, scratch }));
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: CONV2D.backwardFilter,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, (call) => {
      const { exports, input, output } = call;
      const geometry = call.integers(geometryFields(g, 0));
      const scratch = call.scratch(exports.convolutionFilterScratch(geometry));
      const dfilter = output([g.kernelHeight, g.kernelWidth, g.inChannels / g.groups, g.outChannels]);
      const [x, dy] = [input('x'), input('dy')];
      exports.convolutionBackwardFilter(writeOperands(call, { geometry, x, dy, dfilter, scratch }), 0, 1);
    });
  },
};
