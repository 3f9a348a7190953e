/** packHalf and unpackHalf in the arithmetic of the processor, the same on every backend but webgpu. */
import type * as tf from '@tensorflow/tfjs';
import { withCheckedMemory } from '../../backends/wasm/guard_host.js';
import { packHalves, unpackHalves } from '../../kernel/half.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { packedShape, unpackedShape } from './shapes.js';
import { PACK_HALF, UNPACK_HALF } from './kernels.js';

/** Returns a new tensor with the values of a float32 one in packed halves. */
function pack(backend: tf.KernelBackend, { dataId, shape }: tf.TensorInfo): tf.TensorInfo {
  const words = packHalves(backend.readSync(dataId) as Float32Array);
  const packed = packedShape(shape);
  return written(backend, words, packed, 'int32');
}

/** Returns a new float32 tensor with the values of packed halves. */
function unpack(backend: tf.KernelBackend, { dataId, shape }: tf.TensorInfo): tf.TensorInfo {
  const unpacked = unpackedShape(shape);
  const values = unpackHalves(backend.readSync(dataId) as Int32Array);
  return written(backend, values, unpacked, 'float32');
}

/** Returns a new tensor with these values. */
function written(
  backend: tf.KernelBackend,
  values: Int32Array | Float32Array,
  shape: number[],
  dtype: 'int32' | 'float32',
): tf.TensorInfo {
  const dataId = withCheckedMemory([values.byteLength], () => backend.write(values, shape, dtype));
  return { dataId, shape, dtype };
}

const kernel =
  (kernelName: string, convert: (backend: tf.KernelBackend, x: tf.TensorInfo) => tf.TensorInfo) =>
  (backendName: string): tf.KernelConfig => ({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, backend }: KernelArguments) => convert(backend as tf.KernelBackend, inputs['x']!),
  });

export const packOn = kernel(PACK_HALF.forward, pack);
export const unpackOn = kernel(UNPACK_HALF.forward, unpack);
