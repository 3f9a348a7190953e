/** depthwiseConv2d on WebAssembly: direct, without columns (assembly/depthwise.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import { geometryFields } from '../../backends/wasm/geometry.js';
import { writeOperands } from '../../backends/wasm/operands.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEPTHWISE_CONV2D } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, (call) => {
      const { exports, input, output } = call;
      const geometry = call.integers(geometryFields(g, 0));
      const scratch = call.scratch(exports.depthwiseScratch(geometry));
      const y = output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      const [x, filter, bias] = [input('x'), input('filter'), input('bias')];
      exports.depthwiseForward(writeOperands(call, { geometry, x, filter, bias, y, scratch }));
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardInput,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, (call) => {
      const { exports, input, output } = call;
      const geometry = call.integers(geometryFields(g, 0));
      const scratch = call.scratch(exports.depthwiseScratch(geometry));
      const dx = output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      const [dy, filter] = [input('dy'), input('filter')];
      exports.depthwiseBackwardInput(writeOperands(call, { geometry, filter, dy, dx, scratch }));
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardFilter,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasmSingle(args, (call) => {
      const { exports, input, output } = call;
      const geometry = call.integers(geometryFields(g, 0));
      const dfilter = output([g.kernelHeight, g.kernelWidth, g.inChannels, g.outChannels / g.inChannels]);
      const [x, dy] = [input('x'), input('dy')];
      exports.depthwiseBackwardFilter(writeOperands(call, { geometry, x, dy, dfilter }), 0, 1);
    });
  },
};
