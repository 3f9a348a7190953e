/**
 * Forward kernels of convolutions that apply an activation to their own result, under a name of their own: only these keep
 * the result for the backward pass. Where a backend's kernel does not do it itself, a kernel after it does.
 */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../kernel/geometry.js';
import type { KernelArguments } from '../kernel/kernel_arguments.js';
import { ACTIVATION, type ActivationAttributes } from './activation/names.js';

/** A kernel that heeds the activation of its geometry, under the fused name. */
export function fused(kernelName: string, forward: tf.KernelConfig): tf.KernelConfig {
  return { ...forward, kernelName };
}

/** A kernel that does not, and the activation after it. */
export function followed(kernelName: string, forward: tf.KernelConfig): tf.KernelConfig {
  const { backendName } = forward;
  return {
    kernelName,
    backendName,
    kernelFunc: (args: KernelArguments) => {
      const backend = args.backend as tf.KernelBackend;
      const { activation = 'linear' } = args.attrs as ConvGeometry;
      const attrs: ActivationAttributes = { activation };
      const x = forward.kernelFunc(args as Parameters<tf.KernelFunc>[0]) as tf.TensorInfo;
      const { kernelFunc } = tf.getKernel(ACTIVATION.forward, backendName);
      const y = kernelFunc({ inputs: { x }, attrs: attrs as unknown as tf.NamedAttrMap, backend });
      backend.disposeData(x.dataId);
      return y;
    },
  };
}
