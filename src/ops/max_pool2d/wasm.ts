/** maxPool2d on WebAssembly (assembly/max_pool.ts). */
import { poolKernel } from '../pool2d/wasm.js';
import { MAX_POOL2D } from './kernels.js';

export const forward = poolKernel(
  MAX_POOL2D.forward,
  'windows',
  ({ exports, input }, { geometry, axes, output: y }) => {
    exports.maxPoolForward(geometry, input('x'), y, axes);
  },
);

export const backward = poolKernel(
  MAX_POOL2D.backward,
  'image',
  ({ exports, input }, { geometry, axes, output: dx }) => {
    exports.maxPoolBackward(geometry, input('x'), input('dy'), dx, axes);
  },
);

export const select = poolKernel(MAX_POOL2D.select, 'windows', ({ exports, input }, { geometry, axes, output: y }) => {
  exports.maxPoolSelect(geometry, input('x'), input('values'), y, axes);
});
