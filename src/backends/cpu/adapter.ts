/** Access of the plain TypeScript kernels to the cpu backend of TensorFlow.js. */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

interface CpuBackend {
  readSync(dataId: object): tf.TypedArray;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.TypedArray): tf.TensorInfo;
}

/** Reads a required float32 input. */
export function readInput({ inputs, backend }: KernelArguments, name: string): Float32Array {
  return (backend as CpuBackend).readSync(inputs[name]!.dataId) as Float32Array;
}

/** Reads an optional float32 input. */
export function readOptional(args: KernelArguments, name: string): Float32Array | undefined {
  return args.inputs[name] === undefined ? undefined : readInput(args, name);
}

/** Creates a float32 result. */
export function makeOutput({ backend }: KernelArguments, shape: number[], values: Float32Array): tf.TensorInfo {
  return (backend as CpuBackend).makeTensorInfo(shape, 'float32', values);
}
