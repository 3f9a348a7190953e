/**
 * Gradients of 3-D convolution on wasm, where those of TensorFlow.js are wrong: the filter gradient at strides above 1.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelArguments } from '../kernel/kernel_arguments.js';

type Shape5D = [number, number, number, number, number];

interface Attributes {
  readonly strides: number | [number, number, number];
  readonly pad: 'same' | 'valid';
  /** Attribute of the input gradient. */
  readonly inputShape: Shape5D;
  /** Attribute of the filter gradient. */
  readonly filterShape: Shape5D;
}

type ConvolutionInfo = ReturnType<typeof tf.backend_util.computeConv3DInfo>;

/** Callback for one tap: the indices of the first channels of dy, input and filter. */
type Tap = (dy: number, x: number, filter: number) => void;

export const VOLUME_GRADIENTS: readonly tf.KernelConfig[] = [
  {
    kernelName: tf.Conv3DBackpropInputV2,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }: KernelArguments) => {
      const { strides, pad, inputShape } = attrs as Attributes;
      const { shape } = inputs['filter']!;
      const info = tf.backend_util.computeConv3DInfo(inputShape, shape as Shape5D, strides, 1, pad);
      return compute(backend as BackendWasm, inputShape, [inputs['dy']!, inputs['filter']!], (dx, dy, filter) => {
        const { inChannels, outChannels } = info;
        forEachTap(info, (from, to, tap) => {
          for (let ci = 0, at = tap; ci < inChannels; ci++) {
            let sum = 0;
            for (let co = 0; co < outChannels; co++) sum += dy[from + co]! * filter[at++]!;
            dx[to + ci]! += sum;
          }
        });
      });
    },
  },
  {
    kernelName: tf.Conv3DBackpropFilterV2,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }: KernelArguments) => {
      const { strides, pad, filterShape } = attrs as Attributes;
      const { shape } = inputs['x']!;
      const info = tf.backend_util.computeConv3DInfo(shape as Shape5D, filterShape, strides, 1, pad);
      return compute(backend as BackendWasm, filterShape, [inputs['dy']!, inputs['x']!], (dfilter, dy, x) => {
        const { inChannels, outChannels } = info;
        forEachTap(info, (given, from, tap) => {
          for (let ci = 0, at = tap; ci < inChannels; ci++) {
            const value = x[from + ci]!;
            for (let co = 0; co < outChannels; co++) dfilter[at++]! += value * dy[given + co]!;
          }
        });
      });
    },
  },
];

/** Creates a tensor of zeros, to which the body adds. */
function compute(
  backend: BackendWasm,
  shape: Shape5D,
  [a, b]: readonly [tf.TensorInfo, tf.TensorInfo],
  body: (output: Float32Array, a: Float32Array, b: Float32Array) => void,
): tf.TensorInfo {
  const output = backend.makeOutput(shape, 'float32');
  // Views are created after the last allocation: growing the memory detaches them.
  const view = (tensor: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(tensor) as Float32Array;
  body(view(output).fill(0), view(a), view(b));
  return output;
}

/** Visits every tap inside the volume, for every output position. */
function forEachTap(info: ConvolutionInfo, visit: Tap): void {
  const { inChannels, outChannels, inDepth, inHeight, inWidth, filterDepth, filterHeight, filterWidth } = info;
  const { front, top, left } = info.padInfo;
  let position = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let od = 0; od < info.outDepth; od++) {
      for (let oh = 0; oh < info.outHeight; oh++) {
        for (let ow = 0; ow < info.outWidth; ow++, position += outChannels) {
          for (let kd = 0; kd < filterDepth; kd++) {
            const d = od * info.strideDepth - front + kd;
            if (d < 0 || d >= inDepth) continue;
            for (let kh = 0; kh < filterHeight; kh++) {
              const h = oh * info.strideHeight - top + kh;
              if (h < 0 || h >= inHeight) continue;
              for (let kw = 0; kw < filterWidth; kw++) {
                const w = ow * info.strideWidth - left + kw;
                if (w < 0 || w >= inWidth) continue;
                const x = (((n * inDepth + d) * inHeight + h) * inWidth + w) * inChannels;
                visit(position, x, ((kd * filterHeight + kh) * filterWidth + kw) * inChannels * outChannels);
              }
            }
          }
        }
      }
    }
  }
}
