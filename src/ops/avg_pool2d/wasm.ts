/** avgPool2d on WebAssembly (assembly/avg_pool.ts). */
import { writeOperands } from '../../backends/wasm/operands.js';
import { poolKernel } from '../pool2d/wasm.js';
import { AVG_POOL2D } from './kernels.js';

export const forward = poolKernel(AVG_POOL2D.forward, 'windows', (call, shared, y) => {
  call.exports.avgPoolForward(writeOperands(call, { ...shared, x: call.input('x'), y }));
});

export const backward = poolKernel(AVG_POOL2D.backward, 'image', (call, shared, dx) => {
  call.exports.avgPoolBackward(writeOperands(call, { ...shared, dy: call.input('dy'), dx }));
});
