/**
 * Kernels on tfjs-node, whose backend calls itself 'tensorflow'. Its package is not imported here: the kernels are
 * registered under that name, and run once a user brings it.
 */
import type { OpDescriptor } from './descriptor.js';

/** As `tf.getBackend()` returns it. */
export const NODE = 'tensorflow';

/**
 * The op with its wasm kernels on tfjs-node too, on a memory of their own, wherever it has no kernel for tfjs-node that is
 * faster.
 */
export function onNode(op: OpDescriptor): OpDescriptor {
  if (NODE in op.unsupported) return op;
  const own = new Set(op.kernels.filter((kernel) => kernel.backendName === NODE).map(({ kernelName }) => kernelName));
  const wasm = op.kernels.filter(({ backendName, kernelName }) => backendName === 'wasm' && !own.has(kernelName));
  return { ...op, kernels: [...op.kernels, ...wasm.map((kernel) => ({ ...kernel, backendName: NODE }))] };
}
