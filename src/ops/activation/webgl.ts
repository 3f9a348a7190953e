/** Activations on WebGL. Comparisons with NaN are false, so NaN passes through. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { shader } from '../../backends/webgl/shader.js';
import { FUSED_ACTIVATIONS } from '../../kernel/fused_activation.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { ACTIVATION, type ActivationAttributes } from './kernels.js';

const forwardShader = shader(
  'flat',
  { x: 'flat' },
  ['activation'],
  `
float value(int index) {
  float y = x(index);
  if (activation > 0 && y < 0.0) return 0.0;
  return activation == 2 && y > 6.0 ? 6.0 : y;
}`,
);

const backwardShader = shader(
  'flat',
  { dy: 'flat', y: 'flat' },
  ['activation'],
  `
float value(int index) {
  float passed = y(index);
  return activation > 0 && passed <= 0.0 || activation == 2 && passed >= 6.0 ? 0.0 : dy(index);
}`,
);

/** 0 linear, 1 relu, 2 relu6. */
function codeOf({ attrs }: KernelArguments): number {
  return FUSED_ACTIVATIONS.indexOf((attrs as ActivationAttributes).activation);
}

export const forward: tf.KernelConfig = {
  kernelName: ACTIVATION.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) =>
    runWebGLSingle(args, (call) => {
      const target = call.output(args.inputs['x']!.shape);
      call.draw(forwardShader, { inputs: { x: call.input('x') }, ints: { activation: codeOf(args) }, target });
    }),
};

export const backward: tf.KernelConfig = {
  kernelName: ACTIVATION.backward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) =>
    runWebGLSingle(args, (call) => {
      const inputs = { dy: call.input('dy'), y: call.input('y') };
      const target = call.output(args.inputs['dy']!.shape);
      call.draw(backwardShader, { inputs, ints: { activation: codeOf(args) }, target });
    }),
};
