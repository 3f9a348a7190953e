/** padImage on WebGL. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { shader } from '../../backends/webgl/shader.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { PAD_IMAGE, PAD_SIZES, padOf } from './kernels.js';

const forwardShader = shader(
  'flat',
  { x: 'flat' },
  PAD_SIZES,
  `
int sourceOf(int at, int size) {
  if (at >= 0 && at < size) return at;
  if (mode == 1) return at < 0 ? 0 : size - 1;
  if (mode == 2) return at < 0 ? at + size : at - size;
  return at < 0 ? -at : 2 * (size - 1) - at;
}
float value(int index) {
  int pixel = index / channels;
  int row = pixel / outWidth;
  int y = row / outHeight * inHeight + sourceOf(row % outHeight - top, inHeight);
  return x((y * inWidth + sourceOf(pixel % outWidth - left, inWidth)) * channels + index % channels);
}`,
);

const backwardShader = shader(
  'flat',
  { upstream: 'flat' },
  PAD_SIZES,
  `
// Positions of the copies of a row or column: inside the image (0), in the padding before it (1) and after it (2).
ivec2 copiesOf(int part, int at, int size, int before, int padded) {
  if (part == 0) return ivec2(before + at, before + at + 1);
  int end = before + size;
  if (mode == 1) {
    if (part == 1) return ivec2(0, at == 0 ? before : 0);
    return ivec2(end, at == size - 1 ? padded : end);
  }
  int copy;
  if (mode == 2) copy = part == 1 ? at + before - size : at + end;
  else copy = part == 1 ? before - at : end + size - 2 - at;
  bool there = part == 1 ? copy >= 0 && copy < before : copy >= end && copy < padded;
  return ivec2(copy, there ? copy + 1 : copy);
}
float value(int index) {
  int pixel = index / channels;
  int row = pixel / inWidth;
  float sum = 0.0;
  for (int part = 0; part < 9; part++) {
    ivec2 rows = copiesOf(part / 3, row % inHeight, inHeight, top, outHeight);
    ivec2 columns = copiesOf(part % 3, pixel % inWidth, inWidth, left, outWidth);
    for (int y = rows.x; y < rows.y; y++) {
      for (int column = columns.x; column < columns.y; column++) {
        int at = (row / inHeight * outHeight + y) * outWidth + column;
        sum += upstream(at * channels + index % channels);
      }
    }
  }
  return sum;
}`,
);

export const forward: tf.KernelConfig = {
  kernelName: PAD_IMAGE.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { sizes, outShape } = padOf(args);
    return runWebGLSingle(args, (call) => {
      const inputs = { x: call.input('x') };
      call.draw(forwardShader, { inputs, ints: { ...sizes }, target: call.output(outShape) });
    });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: PAD_IMAGE.backward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const { sizes, inShape } = padOf(args);
    return runWebGLSingle(args, (call) => {
      const inputs = { upstream: call.input('dy') };
      call.draw(backwardShader, { inputs, ints: { ...sizes }, target: call.output(inShape) });
    });
  },
};
