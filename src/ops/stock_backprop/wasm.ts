/**
 * The host's convolution gradients on WebAssembly, from this package's kernels. The host's geometry (`same`, `valid`,
 * numbers, explicit lists, rounding) is resolved by its own function, so that forward and backward agree. It refuses
 * dilations in gradients before any kernel runs; these kernels honour them all the same.
 */
import * as tf from '@tensorflow/tfjs';
import { geometryFields } from '../../wasm/geometry.js';
import type { KernelArguments } from '../cpu_backend.js';
import type { ConvGeometry } from '../geometry.js';
import { runWasm1 } from '../wasm_backend.js';

type HostPadding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
type Shape4D = [number, number, number, number];

/** Attributes of the host's kernels; each has the shape that its inputs do not tell. */
interface HostAttributes {
  readonly strides: number | [number, number];
  readonly pad: HostPadding;
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly filterShape?: Shape4D;
  readonly inputShape?: Shape4D;
}

function geometryOf(attributes: object, inputShape: Shape4D, filterShape: Shape4D, depthwise: boolean): ConvGeometry {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = attributes as HostAttributes;
  if (dataFormat === 'NCHW') {
    throw new Error("Cannot differentiate a convolution on wasm: dataFormat must be 'NHWC', received 'NCHW'");
  }
  const info = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: info.filterHeight,
    kernelWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padBottom: info.padInfo.bottom,
    padLeft: info.padInfo.left,
    padRight: info.padInfo.right,
    groups: 1,
  };
}

export const conv2dBackpropFilter: tf.KernelConfig = {
  kernelName: tf.Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { filterShape } = args.attrs as HostAttributes;
    const g = geometryOf(args.attrs!, args.inputs['x']!.shape as Shape4D, filterShape!, false);
    return runWasm1(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const room = scratch(exports.convolutionScratch(geometry));
      exports.convolutionBackwardFilter(geometry, input('x'), 0, 0, input('dy'), output(filterShape!), room);
    });
  },
};

export const depthwiseBackpropInput: tf.KernelConfig = {
  kernelName: tf.DepthwiseConv2dNativeBackpropInput,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { inputShape } = args.attrs as HostAttributes;
    const g = geometryOf(args.attrs!, inputShape!, args.inputs['filter']!.shape as Shape4D, true);
    return runWasm1(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const room = scratch(exports.depthwiseScratch(geometry));
      exports.depthwiseBackwardInput(geometry, input('dy'), input('filter'), output(inputShape!), room);
    });
  },
};

export const depthwiseBackpropFilter: tf.KernelConfig = {
  kernelName: tf.DepthwiseConv2dNativeBackpropFilter,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { filterShape } = args.attrs as HostAttributes;
    const g = geometryOf(args.attrs!, args.inputs['x']!.shape as Shape4D, filterShape!, true);
    return runWasm1(args, ({ exports, input, output, scratch, integers }) => {
      const geometry = integers(geometryFields(g, 0));
      const room = scratch(exports.depthwiseScratch(geometry));
      exports.depthwiseBackwardFilter(geometry, input('x'), input('dy'), output(filterShape!), room);
    });
  },
};
