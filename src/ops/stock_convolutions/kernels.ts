/**
 * Implements the convolution kernels of TensorFlow.js with this package's. TensorFlow.js rejects dilations in gradients
 * before any kernel runs; these kernels support them all the same.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../../errors.js';
import { dilatedExtent, type ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { checkSizes } from '../../kernel/sizes.js';
import { hostGeometry, type HostAttributes, type Shape4D } from './geometry.js';

/** This package's kernels of one convolution on one backend. */
export interface ConvolutionKernels {
  readonly forward: tf.KernelConfig;
  readonly backwardInput: tf.KernelConfig;
  readonly backwardFilter: tf.KernelConfig;
}

/** A TensorFlow.js kernel: the kernel of ours that replaces it, and its inputs. */
interface StockKernel {
  readonly name: string;
  readonly work: keyof ConvolutionKernels;
  readonly depthwise: boolean;
}

const KERNELS = [
  { name: tf.Conv2D, work: 'forward', depthwise: false },
  { name: tf.FusedConv2D, work: 'forward', depthwise: false },
  { name: tf.DepthwiseConv2dNative, work: 'forward', depthwise: true },
  { name: tf.FusedDepthwiseConv2D, work: 'forward', depthwise: true },
  { name: tf.Conv2DBackpropInput, work: 'backwardInput', depthwise: false },
  { name: tf.Conv2DBackpropFilter, work: 'backwardFilter', depthwise: false },
  { name: tf.DepthwiseConv2dNativeBackpropInput, work: 'backwardInput', depthwise: true },
  { name: tf.DepthwiseConv2dNativeBackpropFilter, work: 'backwardFilter', depthwise: true },
] as const satisfies readonly StockKernel[];

/** All TensorFlow.js convolution kernels for one backend, made from this package's kernels. */
export function stockKernels(conv2d: ConvolutionKernels, depthwise: ConvolutionKernels): readonly tf.KernelConfig[] {
  return KERNELS.map((stock) => {
    const { kernelFunc, backendName } = (stock.depthwise ? depthwise : conv2d)[stock.work];
    return {
      kernelName: stock.name,
      backendName,
      kernelFunc: (args: KernelArguments) => {
        const geometry = geometryOf(args, stock.depthwise);
        checkSizes(`run ${stock.name}`, geometry);
        const y = kernelFunc({ ...args, attrs: geometry as object as tf.NamedAttrMap } as Parameters<tf.KernelFunc>[0]);
        return activate(y as tf.TensorInfo, backendName, args);
      },
    };
  });
}

function geometryOf({ inputs, attrs }: KernelArguments, depthwise: boolean): ConvGeometry {
  const attributes = attrs as HostAttributes;
  const inputShape = (inputs['x']?.shape as Shape4D | undefined) ?? attributes.inputShape!;
  const filterShape = (inputs['filter']?.shape as Shape4D | undefined) ?? attributes.filterShape!;
  if (filterShape.includes(0)) {
    throw rangeError('run a convolution', 'filter must have no axis of size 0', 'filter.shape', filterShape);
  }
  return hostGeometry(attributes, inputShape, filterShape, depthwise);
}

/**
 * Tests whether our kernel should run instead of the stock kernel of the same name. The stock kernel keeps the calls
 * that only it supports (channels first, a broadcast bias) and, on wasm, forward convolutions of images with few
 * channels, where it is faster; except where it is wrong: it pads `same` by a negative amount if strides exceed the
 * kernel and skip pixels.
 */
export function isAnswered({ kernelName, backendName }: tf.KernelConfig, args: KernelArguments): boolean {
  const { work, depthwise } = KERNELS.find(({ name }) => name === kernelName)!;
  const { dataFormat, pad, activation = 'linear' } = args.attrs as HostAttributes;
  if (dataFormat === 'NCHW' || !(activation === 'linear' || activation in ACTIVATIONS)) return false;
  const g = geometryOf(args, depthwise);
  const bias = args.inputs['bias'];
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== g.outChannels)) return false;
  if (backendName !== 'wasm' || work !== 'forward' || depthwise || g.inChannels >= 4) return true;
  const leavesOut =
    (g.outHeight - 1) * g.strideHeight + dilatedExtent(g.kernelHeight, g.dilationHeight) < g.inHeight ||
    (g.outWidth - 1) * g.strideWidth + dilatedExtent(g.kernelWidth, g.dilationWidth) < g.inWidth;
  return pad === 'same' ? leavesOut : pad !== 'valid';
}

/** TensorFlow.js kernels of the fused activations. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: tf.Relu,
  relu6: tf.Relu6,
  elu: tf.Elu,
  sigmoid: tf.Sigmoid,
  leakyrelu: tf.LeakyRelu,
  prelu: tf.Prelu,
};

/** Applies the activation of a fused kernel; other kernels have none. */
function activate(y: tf.TensorInfo, backendName: string, { inputs, backend, attrs }: KernelArguments): tf.TensorInfo {
  const { activation = 'linear', leakyreluAlpha = 0.2 } = attrs as HostAttributes;
  if (activation === 'linear') return y;
  const alpha = inputs['preluActivationWeights'];
  const activated = tf.getKernel(ACTIVATIONS[activation]!, backendName).kernelFunc({
    inputs: alpha === undefined ? { x: y } : { x: y, alpha },
    attrs: { alpha: leakyreluAlpha },
    backend: backend as tf.KernelBackend,
  }) as tf.TensorInfo;
  (backend as tf.KernelBackend).disposeData(y.dataId);
  return activated;
}
