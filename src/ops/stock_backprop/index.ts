import type { OpDescriptor } from '../descriptor.js';
import * as wasm from './wasm.js';

/**
 * Backprop kernels that the host calls and its wasm backend lacks: with them, stock `tf.layers` convolutions train
 * there. Registered under the host's names, and only where nothing is (src/register.ts never replaces a kernel).
 */
export const stockBackpropOp: OpDescriptor = {
  name: 'stockBackprop',
  kernelNames: Object.values(wasm).map(({ kernelName }) => kernelName),
  kernels: Object.values(wasm),
  gradients: [],
  unsupported: {},
};
