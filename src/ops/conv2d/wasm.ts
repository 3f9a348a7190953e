/** conv2d on WebAssembly: gather and packed product (assembly/convolution.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import { geometryFields } from '../../backends/wasm/geometry.js';
import { disposeHeap } from '../../backends/wasm/heaps.js';
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
    return runWasmSingle(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const room = scratch(exports.convolutionScratch(geometry));
      const y = output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      exports.convolutionForward(geometry, input('x'), 0, 0, input('filter'), input('bias'), y, room);
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: CONV2D.backwardInput,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const room = scratch(exports.convolutionScratch(geometry));
      const dx = output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      exports.convolutionBackwardData(geometry, 0, 0, 0, input('filter'), input('dy'), dx, 0, 0, room);
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: CONV2D.backwardFilter,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const room = scratch(exports.convolutionFilterScratch(geometry));
      const dfilter = output([g.kernelHeight, g.kernelWidth, g.inChannels / g.groups, g.outChannels]);
      exports.convolutionBackwardFilter(geometry, input('x'), 0, 0, input('dy'), dfilter, room, 0, 1);
    });
  },
};
