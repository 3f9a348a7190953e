/** Activations on WebGPU. Comparisons with NaN are false, so NaN passes through. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import { FUSED_ACTIVATIONS } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { ACTIVATION, type ActivationAttributes } from './kernels.js';

const FORWARD = elementwise({
  key: 'activation/forward',
  inputs: ['x'],
  integers: ['activation'],
  code: `
    fn element(i : i32) {
      var y = x[i];
      if (uniforms.activation > 0 && y < 0.0) { y = 0.0; }
      if (uniforms.activation == 2 && y > 6.0) { y = 6.0; }
      result[i] = y;
    }`,
});

const BACKWARD = elementwise({
  key: 'activation/backward',
  inputs: ['dy', 'y'],
  integers: ['activation'],
  code: `
    fn element(i : i32) {
      let stopped = (uniforms.activation > 0 && y[i] <= 0.0) || (uniforms.activation == 2 && y[i] >= 6.0);
      result[i] = select(dy[i], 0.0, stopped);
    }`,
});

/** 0 linear, 1 relu, 2 relu6. */
function codeOf({ attrs }: KernelArguments): number {
  return FUSED_ACTIVATIONS.indexOf((attrs as ActivationAttributes).activation);
}

export const forward: tf.KernelConfig = {
  kernelName: ACTIVATION.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const x = args.inputs['x']!;
    return mapElements(hostOf(args), FORWARD, [x], x.shape, { activation: codeOf(args) });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: ACTIVATION.backward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { dy, y } = args.inputs;
    return mapElements(hostOf(args), BACKWARD, [dy!, y!], dy!.shape, { activation: codeOf(args) });
  },
};
