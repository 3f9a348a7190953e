/** avgPool2d on WebAssembly (assembly/avg_pool.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasm1 } from '../../backends/wasm/adapter.js';
import { geometryFields } from '../../backends/wasm/geometry.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { AVG_POOL2D } from './names.js';

export const forward: tf.KernelConfig = {
  kernelName: AVG_POOL2D.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasm1(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const axes = scratch(exports.poolScratch(geometry));
      const y = output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      exports.avgPoolForward(geometry, input('x'), y, axes);
    });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: AVG_POOL2D.backward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWasm1(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const axes = scratch(exports.poolScratch(geometry));
      const dx = output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      exports.avgPoolBackward(geometry, input('dy'), dx, axes);
    });
  },
};
