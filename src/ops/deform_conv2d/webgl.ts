/** deformConv2d on WebGL: with a full filter, and depthwise. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL, runWebGLSingle } from '../../backends/webgl/adapter.js';
import { isDepthwise } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEFORM_CONV2D, type DeformGeometry } from './kernels.js';
import { denseBackwardData, denseBackwardFilter, denseForward } from './webgl_dense.js';
import { depthwiseBackwardData, depthwiseBackwardFilter, depthwiseForward } from './webgl_depthwise.js';

export const forward: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const biased = args.inputs['bias'] !== undefined;
    return runWebGLSingle(args, (call) => {
      (isDepthwise(g) ? depthwiseForward : denseForward)(call, g, biased);
    });
  },
};

export const backwardData: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardData,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    return runWebGL(args, (call) => {
      (isDepthwise(g) ? depthwiseBackwardData : denseBackwardData)(call, g);
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardFilter,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    return runWebGLSingle(args, (call) => {
      (isDepthwise(g) ? depthwiseBackwardFilter : denseBackwardFilter)(call, g);
    });
  },
};
