/** avgPool2d on tfjs-node: TensorFlow's kernel, or the wasm kernels for padding that TensorFlow does not support. */
import * as tf from '@tensorflow/tfjs';
import { NODE, TensorFlow, type Attribute } from '../../backends/node/adapter.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import * as wasm from './wasm.js';

export const forward: tf.KernelConfig = {
  kernelName: wasm.forward.kernelName,
  backendName: NODE,
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const padding = paddingOf(g);
    if (padding === undefined) return wasm.forward.kernelFunc(args as Parameters<tf.KernelFunc>[0]);
    return tf.tidy(() => {
      const t = new TensorFlow(args);
      return t.run('AvgPool', [t.input('x')], window(t, g, padding));
    });
  },
};

export const backward: tf.KernelConfig = {
  kernelName: wasm.backward.kernelName,
  backendName: NODE,
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    // With windows longer than the image, TensorFlow adds some of the shares of dy to wrong pixels (2.21, without oneDNN).
    const padding = g.kernelHeight > g.inHeight || g.kernelWidth > g.inWidth ? undefined : paddingOf(g);
    if (padding === undefined) return wasm.backward.kernelFunc(args as Parameters<tf.KernelFunc>[0]);
    return tf.tidy(() => {
      const t = new TensorFlow(args);
      const shape = t.sizes([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      return t.run('AvgPoolGrad', [shape, t.input('dy')], window(t, g, padding));
    });
  },
};

/** TensorFlow's name for the padding; undefined if it has none, or for an empty batch, which TensorFlow rejects. */
function paddingOf(g: ConvGeometry): 'SAME' | 'VALID' | undefined {
  if (g.batch * g.inChannels === 0) return undefined;
  const axes = [
    { size: g.inHeight, kernel: g.kernelHeight, stride: g.strideHeight, before: g.padTop, out: g.outHeight },
    { size: g.inWidth, kernel: g.kernelWidth, stride: g.strideWidth, before: g.padLeft, out: g.outWidth },
  ];
  const isSame = axes.every(({ size, kernel, stride, before, out }) => {
    const total = Math.max((out - 1) * stride + kernel - size, 0);
    return out === Math.ceil(size / stride) && before === Math.floor(total / 2);
  });
  if (isSame) return 'SAME';
  const isValid = axes.every(
    ({ size, kernel, stride, before, out }) => before === 0 && out === Math.floor((size - kernel) / stride) + 1,
  );
  return isValid ? 'VALID' : undefined;
}

function window(t: TensorFlow, g: ConvGeometry, padding: string): Attribute[] {
  return [
    t.integers('ksize', [1, g.kernelHeight, g.kernelWidth, 1]),
    t.integers('strides', [1, g.strideHeight, g.strideWidth, 1]),
    t.text('padding', padding),
    t.text('data_format', 'NHWC'),
  ];
}
