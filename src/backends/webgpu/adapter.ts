/**
 * What the WebGPU kernels need of the host's backend, and how a shader runs on it.
 *
 * The host builds every program from a shader, and caches it by a key that its own code makes partly of tensor shapes.
 * Shaders here therefore see their tensors as scalars of rank 0, whose arrays are as long as ever, and take every size
 * as a uniform: a key stands for structure alone, and a new input size compiles nothing.
 */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';

/** One of the host's programs. The name of the class labels its pipeline, in profilers too. */
class ConvolutionsProgram {
  readonly atomic: boolean;
  readonly dispatch: [number, number, number];
  readonly dispatchLayout = { x: [0] };
  readonly outputShape: number[] = [];
  readonly shaderKey: string;
  readonly uniforms: string;
  readonly variableNames: string[];
  readonly workgroupSize: [number, number, number] = [WORKGROUP, 1, 1];
  private readonly code: string;

  constructor({ key, inputs, integers, floats = [], atomic = false, code }: Shader, workgroups: number) {
    this.atomic = atomic;
    this.dispatch = [workgroups, 1, 1];
    this.shaderKey = `convolutions/${key}`;
    this.uniforms = [...integers.map((name) => `${name} : i32`), ...floats.map((name) => `${name} : f32`)].join(', ');
    this.variableNames = [...inputs];
    this.code = code;
  }

  getUserCode(): string {
    return this.code;
  }
}

interface Uniform {
  readonly type: 'int32' | 'float32';
  data: number[];
}

/** The host's backend. */
export interface WebGPUHost {
  readonly device: {
    readonly limits: {
      readonly maxComputeWorkgroupsPerDimension: number;
      readonly maxStorageBufferBindingSize: number;
    };
  };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: Float32Array): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  runWebGPUProgram(
    program: ConvolutionsProgram,
    inputs: tf.TensorInfo[],
    outputDtype: tf.DataType,
    uniforms: Uniform[],
    output: tf.TensorInfo,
  ): tf.TensorInfo;
}

/** Threads of a workgroup, in every shader. */
export const WORKGROUP = 64;

/** A shader: WGSL with a `fn main(thread : i32)`, which writes to the array `result`. */
export interface Shader {
  /** Stands for the structure of the code: equal keys, equal code. */
  readonly key: string;
  /** The arrays that the code reads, in order. It must read each: a pipeline's layout leaves unused ones out. */
  readonly inputs: readonly string[];
  /** Integers that the code reads as `uniforms.NAME`. */
  readonly integers: readonly string[];
  /** Floats that the code reads as `uniforms.NAME`. */
  readonly floats?: readonly string[];
  /** Whether `result` is an array of `atomic<i32>`, the bits of its floats. @default false */
  readonly atomic?: boolean;
  readonly code: string;
}

/** Values of a shader's uniforms by name. */
export type Uniforms = Readonly<Record<string, number>>;

/** One run of a shader. */
export interface Run {
  readonly inputs: readonly tf.TensorInfo[];
  /** Where the result goes; elements that the shader does not write keep their values. */
  readonly output: tf.TensorInfo;
  readonly uniforms: Uniforms;
  /** At most {@link workgroupLimit}. */
  readonly workgroups: number;
}

/** The backend, as a kernel is handed it. */
export function hostOf({ backend }: KernelArguments): WebGPUHost {
  return backend as WebGPUHost;
}

/** The largest number of workgroups of one run; a larger task lets each thread do several shares of it. */
export function workgroupLimit(host: WebGPUHost): number {
  return host.device.limits.maxComputeWorkgroupsPerDimension;
}

/** A new float32 tensor with undefined values. */
export function allocate(host: WebGPUHost, shape: readonly number[]): tf.TensorInfo {
  return sizeOf(shape) === 0 ? zeros(host, shape) : host.makeTensorInfo([...shape], 'float32');
}

/** A new float32 tensor of one value, which no shader needs to write. */
export function filled(host: WebGPUHost, shape: readonly number[], value: number): tf.TensorInfo {
  return host.makeTensorInfo([...shape], 'float32', new Float32Array(sizeOf(shape)).fill(value));
}

/** A new float32 tensor of zeros. */
export function zeros(host: WebGPUHost, shape: readonly number[]): tf.TensorInfo {
  return filled(host, shape, 0);
}

export function dispose(host: WebGPUHost, ...tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) host.disposeData(dataId);
}

/** Runs a shader. No tensor may be empty. */
export function run(host: WebGPUHost, shader: Shader, { inputs, output, uniforms, workgroups }: Run): void {
  const { integers, floats = [] } = shader;
  const values: Uniform[] = [
    ...integers.map((name): Uniform => ({ type: 'int32', data: [uniforms[name]!] })),
    ...floats.map((name): Uniform => ({ type: 'float32', data: [uniforms[name]!] })),
  ];
  host.runWebGPUProgram(
    new ConvolutionsProgram(shader, workgroups),
    inputs.map(asScalar),
    'float32',
    values,
    asScalar(output),
  );
}

/** The same data as a tensor of rank 0. */
function asScalar({ dataId, dtype }: tf.TensorInfo): tf.TensorInfo {
  return { dataId, dtype, shape: [] };
}
