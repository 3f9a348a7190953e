/** Kernels and WGSL that the poolings share on WebGPU. */
import type * as tf from '@tensorflow/tfjs';
import { hostOf, type Shader, type WebGPUHost } from '../../backends/webgpu/adapter.js';
import { mapElements } from '../../backends/webgpu/elements.js';
import { geometryUniforms } from '../../backends/webgpu/geometry.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

/** Operands of a pooling kernel. */
export interface PoolCall {
  readonly host: WebGPUHost;
  readonly inputs: tf.NamedTensorInfoMap;
  /** Runs a shader for every element of a tensor with the shape of the image or of the pooled result. */
  readonly map: (shader: Shader, inputs: readonly tf.TensorInfo[], shape: 'image' | 'windows') => tf.TensorInfo;
}

/** A kernel that runs shaders with the geometry of the windows. */
export function poolKernel(kernelName: string, compute: (call: PoolCall) => tf.TensorInfo): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgpu',
    kernelFunc: (args: KernelArguments) => {
      const g = args.attrs as ConvGeometry;
      const host = hostOf(args);
      return compute({
        host,
        inputs: args.inputs,
        map: (shader, inputs, shape) => {
          const [height, width] = shape === 'image' ? [g.inHeight, g.inWidth] : [g.outHeight, g.outWidth];
          return mapElements(host, shader, inputs, [g.batch, height, width, g.inChannels], geometryUniforms(g));
        },
      });
    },
  };
}

/**
 * Sum over the windows that contain a pixel. `add` adds the contribution of one to `sum`: of output element `at`, whose
 * window starts at pixel (shiftedY − padTop, shiftedX − padLeft) and has the pixel as its tap (tapY, tapX).
 */
export const sumOverWindows = (add: string): string => `
    fn element(i : i32) {
      let channel = i % uniforms.inChannels;
      let pixel = i / uniforms.inChannels;
      let line = pixel / uniforms.inWidth;
      let batch = line / uniforms.inHeight;
      let y = line - batch * uniforms.inHeight + uniforms.padTop;
      let x = pixel - line * uniforms.inWidth + uniforms.padLeft;
      var sum = 0.0;
      for (var tapY = 0; tapY < uniforms.kernelHeight; tapY++) {
        let shiftedY = y - tapY;
        let outY = shiftedY / uniforms.strideHeight;
        if (shiftedY < 0 || outY * uniforms.strideHeight != shiftedY || outY >= uniforms.outHeight) {
          continue;
        }
        let row = (batch * uniforms.outHeight + outY) * uniforms.outWidth;
        for (var tapX = 0; tapX < uniforms.kernelWidth; tapX++) {
          let shiftedX = x - tapX;
          let outX = shiftedX / uniforms.strideWidth;
          if (shiftedX < 0 || outX * uniforms.strideWidth != shiftedX || outX >= uniforms.outWidth) {
            continue;
          }
          let at = (row + outX) * uniforms.outChannels + channel;
          ${add}
        }
      }
      result[i] = sum;
    }`;
