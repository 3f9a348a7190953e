/** packHalf and unpackHalf on WebGPU. */
import type * as tf from '@tensorflow/tfjs';
import { allocateHalves, hostOf, type WebGPUHost } from '../../backends/webgpu/adapter.js';
import { elementwise, mapElements, runElements } from '../../backends/webgpu/elements.js';
import { PACKING, reading } from '../../backends/webgpu/halves.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { PACK_HALF, UNPACK_HALF } from './kernels.js';
import { packedShape, unpackedShape } from './shapes.js';

const PACK = elementwise({
  key: 'half/pack',
  inputs: ['x'],
  halves: ['result'],
  integers: [],
  code: `${PACKING}
    fn element(i : i32) {
      result[i] = pairOf(vec2<f32>(x[2 * i], x[2 * i + 1]));
    }`,
});

const UNPACK = elementwise({
  key: 'half/unpack',
  inputs: ['x'],
  halves: ['x'],
  integers: [],
  code: `${reading('x', 1, 'half')}
    fn element(i : i32) {
      result[i] = xAt(i);
    }`,
});

/** Returns a new tensor with the values of a float32 one in packed halves. */
export function packed(host: WebGPUHost, x: tf.TensorInfo): tf.TensorInfo {
  const words = allocateHalves(host, packedShape(x.shape));
  runElements(host, PACK, [x], words, sizeOf(words.shape));
  return words;
}

export const pack: tf.KernelConfig = {
  kernelName: PACK_HALF.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => packed(hostOf(args), args.inputs['x']!),
};

export const unpack: tf.KernelConfig = {
  kernelName: UNPACK_HALF.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const x = args.inputs['x']!;
    return mapElements(hostOf(args), UNPACK, [x], unpackedShape(x.shape));
  },
};
