/**
 * The gradient of the host's averages over three axes. It divides what every output passes on by the whole window; here
 * that is made up for before it does: of a window with `count` pixels inside, by whole / count.
 */
import * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { axesOf, pixelsOf, windowOf } from './names.js';

type Call = Parameters<tf.KernelFunc>[0];

/** Backends whose kernel is so; tfjs-node's is right. */
const BACKENDS = ['cpu', 'wasm', 'webgl', 'webgpu'] as const;

/** For every backend, the right kernel out of the host's. */
export const correctAveragePool3d = BACKENDS.map((backendName) => ({
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
}));
