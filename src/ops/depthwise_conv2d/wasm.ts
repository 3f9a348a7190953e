/** depthwiseConv2d on WebAssembly: direct, without columns (assembly/depthwise.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import { geometryFields } from '../../backends/wasm/geometry.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEPTHWISE_CONV2D } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const room = scratch(exports.depthwiseScratch(geometry));
      const y = output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      exports.depthwiseForward(geometry, input('x'), input('filter'), input('bias'), y, room);
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardInput,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const room = scratch(exports.depthwiseScratch(geometry));
      const dx = output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      exports.depthwiseBackwardInput(geometry, input('dy'), input('filter'), dx, room);
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardFilter,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, ({ exports, input, output, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const dfilter = output([g.kernelHeight, g.kernelWidth, g.inChannels, g.outChannels / g.inChannels]);
      exports.depthwiseBackwardFilter(geometry, input('x'), input('dy'), dfilter, 0, 1);
    });
  },
};
