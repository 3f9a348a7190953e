/**
 * Forward kernels of convolutions with a fused activation. They have their own names, because only they keep the result
 * for the backward pass. If a backend's kernel cannot fuse the activation, a second kernel applies it.
 */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../kernel/geometry.js';
import type { KernelArguments } from '../kernel/kernel_arguments.js';
import { ACTIVATION, type ActivationAttributes } from './activation/kernels.js';

/** Registers a kernel that applies the activation in its geometry under the fused name. */
export function fused(kernelName: string, forward: tf.KernelConfig): tf.KernelConfig {
  return { ...forward, kernelName };
}

/** Combines a kernel that does not with a separate activation kernel. */
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
