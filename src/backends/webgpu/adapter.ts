/**
 * Access of the WebGPU kernels to the webgpu backend of TensorFlow.js, and execution of shaders on it.
 *
 * TensorFlow.js caches compiled programs by a key that it derives partly from tensor shapes. Shaders here therefore
 * receive their tensors as scalars (the arrays keep their full length) and take every size as a uniform: a key encodes
 * only structure, and a new input size compiles nothing.
 */
import type * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { programOfSeveral, uploadAll, type SeveralResultsHost } from './several_results.js';

/** A TensorFlow.js program. The class name labels its pipeline, also in profilers. */
class ConvolutionsProgram {
  readonly atomic: boolean;
  readonly dispatch: [number, number, number];
  readonly dispatchLayout = { x: [0] };
  readonly outputComponent: number;
  readonly outputShape: number[] = [];
  readonly shaderKey: string;
  readonly targets: readonly string[];
  readonly uniforms: string;
  readonly variableComponents: number[];
  readonly variableNames: string[];
  readonly workgroupSize: [number, number, number] = [WORKGROUP, 1, 1];
  private readonly code: string;

  constructor(shader: Shader, workgroups: number) {
    const { key, inputs, integers, floats = [], atomic = false, targets = [], code } = shader;
    this.atomic = atomic;
    this.targets = targets;
    this.outputComponent = componentsOf(shader, 'result');
    this.variableComponents = inputs.map((name) => componentsOf(shader, name));
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

/** Number of components of an array's elements. */
function componentsOf({ vectors = [], halves = [] }: Shader, name: string): number {
  const lanes = vectors.includes(name) ? 4 : 1;
  return halves.includes(name) ? Math.ceil(lanes / 2) : lanes;
}

interface Uniform {
  readonly type: 'int32' | 'float32';
  data: number[];
}

/** The webgpu backend of TensorFlow.js. */
export interface WebGPUHost extends SeveralResultsHost {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: Float32Array | Int32Array): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  runWebGPUProgram(
    program: ConvolutionsProgram,
    inputs: tf.TensorInfo[],
    outputDtype: tf.DataType,
    uniforms: Uniform[],
    output: tf.TensorInfo,
  ): tf.TensorInfo;
}

/** Threads per workgroup, in every shader. */
export const WORKGROUP = 64;

/** A shader: WGSL with a `fn main(thread : i32)`, which writes to the array `result`. */
export interface Shader {
  /** Identifies the structure of the code: equal keys mean equal code. */
  readonly key: string;
  /**
   * Names of the arrays that the code reads, in order. It must read each: unused ones are dropped from the pipeline
   * layout.
   */
  readonly inputs: readonly string[];
  /** Integers that the code reads as `uniforms.NAME`. */
  readonly integers: readonly string[];
  /** Floats that the code reads as `uniforms.NAME`. */
  readonly floats?: readonly string[];
  /** True if `result` is an array of `atomic<i32>`, the bits of its floats. @default false */
  readonly atomic?: boolean;
  /**
   * Names of the arrays whose elements are `vec4<f32>`, `result` among them: tensors whose sizes are multiples of 4.
   *
   * @default none
   */
  readonly vectors?: readonly string[];
  /**
   * Names of the int32 arrays, `result` among them, that hold packed halves (halves.ts): two in an i32, and four in a
   * `vec2<i32>` where the array is one of vectors.
   *
   * @default none
   */
  readonly halves?: readonly string[];
  /**
   * Names of more arrays that the code writes, of the same type as `result`.
   *
   * @default none
   */
  readonly targets?: readonly string[];
  readonly code: string;
}

/** Values of a shader's uniforms by name. */
export type Uniforms = Readonly<Record<string, number>>;

/** One run of a shader. */
export interface Run {
  readonly inputs: readonly tf.TensorInfo[];
  /** Tensor to write to; elements that the shader does not write keep their values. */
  readonly output: tf.TensorInfo;
  /** Tensors of the shader's `targets`, to write to as well. @default none */
  readonly targets?: readonly tf.TensorInfo[];
  readonly uniforms: Uniforms;
  /** At most {@link workgroupLimit}. */
  readonly workgroups: number;
}

/** Returns the backend of a kernel call. */
export function hostOf({ backend }: KernelArguments): WebGPUHost {
  return backend as WebGPUHost;
}

/** Maximum number of workgroups in one run; in a larger task every thread computes several elements. */
export function workgroupLimit(host: WebGPUHost): number {
  return host.device.limits.maxComputeWorkgroupsPerDimension;
}

/** Allocates a float32 tensor with undefined values. */
export function allocate(host: WebGPUHost, shape: readonly number[]): tf.TensorInfo {
  return sizeOf(shape) === 0 ? zeros(host, shape) : host.makeTensorInfo([...shape], 'float32');
}

/** Allocates an int32 tensor for packed halves with undefined values. */
export function allocateHalves(host: WebGPUHost, shape: readonly number[]): tf.TensorInfo {
  return host.makeTensorInfo([...shape], 'int32', sizeOf(shape) === 0 ? new Int32Array(0) : undefined);
}

/** Creates a float32 tensor filled with one value, without running a shader. */
export function filled(host: WebGPUHost, shape: readonly number[], value: number): tf.TensorInfo {
  return host.makeTensorInfo([...shape], 'float32', new Float32Array(sizeOf(shape)).fill(value));
}

/** Creates a float32 tensor of zeros. */
export function zeros(host: WebGPUHost, shape: readonly number[]): tf.TensorInfo {
  return filled(host, shape, 0);
}

/** Releases intermediate tensors, whose buffers TensorFlow.js then reuses. */
export function dispose(host: WebGPUHost, ...tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) host.disposeData(dataId);
}

/** Runs a shader. No tensor may be empty. */
export function run(
  host: WebGPUHost,
  shader: Shader,
  { inputs, output, targets = [], uniforms, workgroups }: Run,
): void {
  const { integers, floats = [] } = shader;
  const values: Uniform[] = [
    ...integers.map((name): Uniform => ({ type: 'int32', data: [uniforms[name]!] })),
    ...floats.map((name): Uniform => ({ type: 'float32', data: [uniforms[name]!] })),
  ];
  const program = new ConvolutionsProgram(shader, workgroups);
  const [read, written] = [inputs.map(asScalar), asScalar(output)];
  if (targets.length === 0) {
    host.runWebGPUProgram(program, read, 'float32', values, written);
    return;
  }
  const bound = [...read, ...targets.map(asScalar)];
  uploadAll(host, [...bound, written]);
  host.recordAndSubmit(programOfSeveral(host, program, shader), written, bound, values);
}

/** Returns the same data as a tensor of rank 0. */
function asScalar({ dataId, dtype }: tf.TensorInfo): tf.TensorInfo {
  return { dataId, dtype, shape: [] };
}
