/** TensorFlow.js's pooling gradients on wasm, in place of this package's: those that its networks would have without them. */
import * as tf from '@tensorflow/tfjs';
import type { ConvGeometry } from '../../../src/kernel/geometry.js';
import type { KernelArguments } from '../../../src/kernel/kernel_arguments.js';
import { AVG_POOL2D } from '../../../src/ops/avg_pool2d/kernels.js';
import { MAX_POOL2D } from '../../../src/ops/max_pool2d/kernels.js';

const BACKEND = 'wasm';

type Call = Parameters<tf.KernelFunc>[0];

/** The window as the host's kernels take it. */
function attributesOf(g: ConvGeometry): tf.NamedAttrMap {
  const padded = g.padTop + g.padBottom + g.padLeft + g.padRight > 0;
  return {
    filterSize: [g.kernelHeight, g.kernelWidth],
    strides: [g.strideHeight, g.strideWidth],
    pad: padded ? 'same' : 'valid',
  };
}

const average: tf.KernelConfig = {
  kernelName: AVG_POOL2D.backward,
  backendName: BACKEND,
  kernelFunc: ({ inputs, backend, attrs }: KernelArguments) => {
    const g = attrs as ConvGeometry;
    const dy = inputs['dy']!;
    // Of the image it asks the shape alone.
    const input = { ...dy, shape: [g.batch, g.inHeight, g.inWidth, g.inChannels] };
    const call = { inputs: { dy, input }, backend, attrs: attributesOf(g) };
    return tf.getKernel(tf.AvgPoolGrad, BACKEND).kernelFunc(call as Call);
  },
};

const maximum: tf.KernelConfig = {
  kernelName: MAX_POOL2D.backward,
  backendName: BACKEND,
  kernelFunc: (args: KernelArguments) => {
    const { dy, x } = args.inputs;
    const output = tf.getKernel(MAX_POOL2D.forward, BACKEND).kernelFunc(args as Call) as tf.TensorInfo;
    const call = { ...args, inputs: { dy, input: x, output }, attrs: attributesOf(args.attrs as ConvGeometry) };
    const dx = tf.getKernel(tf.MaxPoolGrad, BACKEND).kernelFunc(call as Call);
    (args.backend as tf.KernelBackend).disposeData(output.dataId);
    return dx;
  },
};

/** Runs `body` with the host's gradients. */
export function withHostPooling<T>(body: () => T): T {
  const swap = (kernel: tf.KernelConfig): tf.KernelConfig => {
    const before = tf.getKernel(kernel.kernelName, BACKEND);
    tf.unregisterKernel(kernel.kernelName, BACKEND);
    tf.registerKernel(kernel);
    return before;
  };
  const own = [average, maximum].map(swap);
  try {
    return body();
  } finally {
    own.forEach(swap);
  }
}
