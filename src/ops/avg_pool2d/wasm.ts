/** avgPool2d on WebAssembly (assembly/avg_pool.ts). */
import { poolKernel } from '../pool2d/wasm.js';
import { AVG_POOL2D } from './kernels.js';

export const forward = poolKernel(
  AVG_POOL2D.forward,
  'windows',
  ({ exports, input }, { geometry, axes, output: y }) => {
    exports.avgPoolForward(geometry, input('x'), y, axes);
  },
);

export const backward = poolKernel(
  AVG_POOL2D.backward,
  'image',
  ({ exports, input }, { geometry, axes, output: dx }) => {
    exports.avgPoolBackward(geometry, input('dy'), dx, axes);
  },
);
