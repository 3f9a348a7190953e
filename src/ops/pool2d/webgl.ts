/** Kernels and GLSL that the poolings share on WebGL. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import type { Surface } from '../../backends/webgl/program.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

/** A kernel whose output has the shape of the input (gradients) or of the pooled result. */
export function poolKernel(
  kernelName: string,
  shape: 'image' | 'windows',
  draw: (call: WebGLCall, g: ConvGeometry, target: Surface) => void,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'webgl',
    kernelFunc: (args: KernelArguments) => {
      const g = args.attrs as ConvGeometry;
      const [height, width] = shape === 'image' ? [g.inHeight, g.inWidth] : [g.outHeight, g.outWidth];
      return runWebGLSingle(args, (call) => {
        draw(call, g, call.output([g.batch, height, width, g.inChannels]));
      });
    },
  };
}

/**
 * Sum over the windows that contain a pixel. `add` adds the contribution of one to `sum`: of output element `at`, whose
 * window starts at pixel (shiftedY − padTop, shiftedX − padLeft) and has the pixel as its tap (tapY, tapX).
 */
export const sumOverWindows = (add: string): string => `
float value(int index) {
  int pixel = index / inChannels;
  int channel = index % inChannels;
  int x = pixel % inWidth + padLeft;
  int y = pixel / inWidth % inHeight + padTop;
  int batch = pixel / inWidth / inHeight;
  float sum = 0.0;
  for (int tapY = 0; tapY < kernelHeight; tapY++) {
    int shiftedY = y - tapY;
    if (shiftedY < 0 || shiftedY % strideHeight != 0 || shiftedY / strideHeight >= outHeight) continue;
    int row = (batch * outHeight + shiftedY / strideHeight) * outWidth;
    for (int tapX = 0; tapX < kernelWidth; tapX++) {
      int shiftedX = x - tapX;
      if (shiftedX < 0 || shiftedX % strideWidth != 0 || shiftedX / strideWidth >= outWidth) continue;
      int at = (row + shiftedX / strideWidth) * outChannels + channel;
      ${add}
    }
  }
  return sum;
}`;
