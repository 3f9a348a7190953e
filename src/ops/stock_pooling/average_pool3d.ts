/**
 * Gradient of 3-D average pooling in TensorFlow.js. Its kernel divides dy by the size of the whole window, even where
 * padding cuts the window; here dy is multiplied by whole / count first, for a window with `count` pixels inside.
 */
import * as tf from '@tensorflow/tfjs';
import { NODE } from '../../backends/node/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { nodeAveragePool3dGradient } from './node_average_pool3d.js';
import { axesOf, pixelsOf, windowOf } from './windows.js';

type Call = Parameters<tf.KernelFunc>[0];

/** Backends with this error; tfjs-node has another one. */
const BACKENDS = ['cpu', 'wasm', 'webgl', 'webgpu'] as const;

/** Correct kernel for each backend, made from the stock kernel. */
export const correctAveragePool3d = [
  { kernelName: tf.AvgPool3DGrad, backendName: NODE, correct: nodeAveragePool3dGradient },
  ...BACKENDS.map((backendName) => ({
    kernelName: tf.AvgPool3DGrad,
    backendName,
    correct: (host: tf.KernelConfig): tf.KernelFunc => {
      return (args: KernelArguments) => {
        const { info } = windowOf(args, 'input');
        const { dy, input } = args.inputs;
        const [depths, rows, columns] = axesOf(info).map((axis) =>
          Array.from({ length: axis.out }, (_, position) => {
            const [first, end] = pixelsOf(axis, position);
            return axis.kernel / Math.max(end - first, 1);
          }),
        ) as [number[], number[], number[]];
        const factors = depths.flatMap((d) => rows.flatMap((y) => columns.map((x) => d * y * x)));
        if (factors.every((factor) => factor === 1)) return host.kernelFunc(args as Call);
        const backend = args.backend as tf.KernelBackend;
        const values = Float32Array.from(factors);
        const factorShape = [1, depths.length, rows.length, columns.length, 1];
        const dataId = backend.write(values, factorShape, 'float32');
        const b: tf.TensorInfo = { dataId, shape: factorShape, dtype: 'float32' };
        const { kernelFunc } = tf.getKernel(tf.Multiply, backendName);
        const scaled = kernelFunc({ inputs: { a: dy!, b }, backend, attrs: {} }) as tf.TensorInfo;
        const dx = host.kernelFunc({ ...args, inputs: { dy: scaled, input: input! } } as Call);
        backend.disposeData(scaled.dataId);
        backend.disposeData(dataId);
        return dx;
      };
    },
  })),
];
