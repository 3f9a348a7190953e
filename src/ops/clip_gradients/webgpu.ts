/** clipGradients on WebGPU: sums of squares as trees, then one dispatch per gradient. */
import type * as tf from '@tensorflow/tfjs';
import { allocate, dispose, hostOf, type WebGPUHost } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements } from '../../backends/webgpu/elements.js';
import { reduction, sumTerms } from '../../backends/webgpu/reduction.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { listOf } from '../lists.js';
import { CLIP_GRADIENTS, normGroups, type ClipAttributes } from './kernels.js';

const SQUARES = reduction({
  key: 'clip/squares',
  inputs: ['x'],
  integers: [],
  code: 'fn term(row : i32, column : i32) -> f32 { return x[row] * x[row]; }',
});

const ADD = elementwise({
  key: 'clip/add',
  inputs: ['a', 'b'],
  integers: [],
  code: 'fn element(i : i32) { result[i] = a[i] + b[i]; }',
});

const SCALE = elementwise({
  key: 'clip/scale',
  inputs: ['x', 'squares'],
  integers: [],
  floats: ['limit'],
  code: 'fn element(i : i32) { result[i] = x[i] * (uniforms.limit / max(sqrt(squares[0]), uniforms.limit)); }',
});

const CLAMP = elementwise({
  key: 'clip/clamp',
  inputs: ['x'],
  integers: [],
  floats: ['limit'],
  code: 'fn element(i : i32) { result[i] = clamp(x[i], -uniforms.limit, uniforms.limit); }',
});

export const forward: tf.KernelConfig = {
  kernelName: CLIP_GRADIENTS.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const { by, limit } = args.attrs as ClipAttributes;
    const host = hostOf(args);
    const gradients = listOf(args.inputs, 'gradient');
    if (by === 'value') return gradients.map((x) => mapElements(host, CLAMP, [x], x.shape, { limit }));
    return normGroups(by, gradients.length).flatMap((group) => {
      const own = group.map((index) => gradients[index]!);
      const squares = sumOfSquares(
        host,
        own.filter(({ shape }) => sizeOf(shape) > 0),
      );
      if (!squares) return own.map(({ shape }) => allocate(host, shape));
      const scaled = own.map((x) => mapElements(host, SCALE, [x, squares], x.shape, { limit }));
      dispose(host, squares);
      return scaled;
    });
  },
};

/** Sum of the squares of all values, [1]; undefined if there are no tensors. */
function sumOfSquares(host: WebGPUHost, tensors: readonly tf.TensorInfo[]): tf.TensorInfo | undefined {
  let total: tf.TensorInfo | undefined;
  for (const x of tensors) {
    const own = sumTerms(host, SQUARES, [x], sizeOf(x.shape), 1);
    if (!total) {
      total = own;
      continue;
    }
    const next = mapElements(host, ADD, [total, own], [1]);
    dispose(host, total, own);
    total = next;
  }
  return total;
}
