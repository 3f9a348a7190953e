/**
 * The host's convolution kernels, answered by this package's. The host refuses dilations in gradients before any kernel
 * runs; these kernels honour them all the same.
 */
import * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../cpu_backend.js';
import { hostGeometry, type HostAttributes, type Shape4D } from './geometry.js';

/** This package's kernels of one convolution on one backend. */
export interface ConvolutionKernels {
  readonly forward: tf.KernelConfig;
  readonly backwardInput: tf.KernelConfig;
  readonly backwardFilter: tf.KernelConfig;
}

/** One of the host's kernels: which of ours does its work, and on what. */
interface StockKernel {
  readonly name: string;
  readonly work: keyof ConvolutionKernels;
  readonly depthwise: boolean;
}

const FORWARD = [
  { name: tf.Conv2D, work: 'forward', depthwise: false },
  { name: tf.FusedConv2D, work: 'forward', depthwise: false },
  { name: tf.DepthwiseConv2dNative, work: 'forward', depthwise: true },
  { name: tf.FusedDepthwiseConv2D, work: 'forward', depthwise: true },
] as const satisfies readonly StockKernel[];

const BACKWARD = [
  { name: tf.Conv2DBackpropInput, work: 'backwardInput', depthwise: false },
  { name: tf.Conv2DBackpropFilter, work: 'backwardFilter', depthwise: false },
  { name: tf.DepthwiseConv2dNativeBackpropInput, work: 'backwardInput', depthwise: true },
  { name: tf.DepthwiseConv2dNativeBackpropFilter, work: 'backwardFilter', depthwise: true },
] as const satisfies readonly StockKernel[];

/** All of the host's convolution kernels on one backend, from this package's kernels there. */
export function stockKernels(conv2d: ConvolutionKernels, depthwise: ConvolutionKernels): readonly tf.KernelConfig[] {
  return [...FORWARD, ...BACKWARD].map((stock) => {
    const { kernelFunc, backendName } = (stock.depthwise ? depthwise : conv2d)[stock.work];
    return {
      kernelName: stock.name,
      backendName,
      kernelFunc: (args: KernelArguments) => {
        const attributes = args.attrs as HostAttributes;
        const { x, filter } = args.inputs;
        const inputShape = (x?.shape as Shape4D | undefined) ?? attributes.inputShape!;
        const filterShape = (filter?.shape as Shape4D | undefined) ?? attributes.filterShape!;
        const geometry: object = hostGeometry(attributes, inputShape, filterShape, stock.depthwise);
        const y = kernelFunc({ ...args, attrs: geometry as tf.NamedAttrMap } as Parameters<tf.KernelFunc>[0]);
        return activate(y as tf.TensorInfo, backendName, args);
      },
    };
  });
}

/** Kernels of the host's fused activations. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: tf.Relu,
  relu6: tf.Relu6,
  elu: tf.Elu,
  sigmoid: tf.Sigmoid,
  leakyrelu: tf.LeakyRelu,
  prelu: tf.Prelu,
};

/** The result of a fused kernel; the others have no activation. */
function activate(y: tf.TensorInfo, backendName: string, { inputs, backend, attrs }: KernelArguments): tf.TensorInfo {
  const { activation = 'linear', leakyreluAlpha = 0.2 } = attrs as HostAttributes;
  if (activation === 'linear') return y;
  const alpha = inputs['preluActivationWeights'];
  const activated = tf.getKernel(ACTIVATIONS[activation]!, backendName).kernelFunc({
    inputs: alpha === undefined ? { x: y } : { x: y, alpha },
    attrs: { alpha: leakyreluAlpha },
    backend,
  }) as tf.TensorInfo;
  (backend as tf.KernelBackend).disposeData(y.dataId);
  return activated;
}
