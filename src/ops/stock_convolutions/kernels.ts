/**
 * The host's convolution kernels, answered by this package's. The host refuses dilations in gradients before any kernel
 * runs; these kernels honour them all the same.
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

/** One of the host's kernels: which of ours does its work, and on what. */
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

/** All of the host's convolution kernels on one backend, from this package's kernels there. */
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
 * Whether ours is to answer a call rather than the host's kernel of the same name. The host's stays for what it alone
 * does (channels first, a bias that is broadcast), and on wasm for the forward convolution of an image of few channels,
 * where it is faster, unless it is wrong there: it pads `same` by a negative amount where kernels leave pixels out.
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
    backend: backend as tf.KernelBackend,
  }) as tf.TensorInfo;
  (backend as tf.KernelBackend).disposeData(y.dataId);
  return activated;
}
