/** maxPool2d on WebAssembly (assembly/max_pool.ts). */
import { writeOperands } from '../../backends/wasm/operands.js';
import { poolKernel } from '../pool2d/wasm.js';
import { MAX_POOL2D } from './kernels.js';

export const forward = poolKernel(MAX_POOL2D.forward, 'windows', (call, shared, y) => {
  call.exports.maxPoolForward(writeOperands(call, { ...shared, x: call.input('x'), y }));
});

export const backward = poolKernel(MAX_POOL2D.backward, 'image', (call, shared, dx) => {
  call.exports.maxPoolBackward(writeOperands(call, { ...shared, x: call.input('x'), dy: call.input('dy'), dx }));
});

export const select = poolKernel(MAX_POOL2D.select, 'windows', (call, shared, y) => {
  call.exports.maxPoolSelect(writeOperands(call, { ...shared, x: call.input('x'), y }), call.input('values'));
});
