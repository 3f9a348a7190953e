/** Elementwise shaders, for any number of elements. */
import type * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../kernel/sizes.js';
import { allocate, run, WORKGROUP, workgroupLimit, type Shader, type Uniforms, type WebGPUHost } from './adapter.js';

/** Makes a shader from the code of `fn element(i : i32)`, which is called for every i below a count. */
export function elementwise(shader: Shader): Shader {
  return {
    ...shader,
    integers: [...shader.integers, 'count', 'threads'],
    code: `${shader.code}
      fn main(thread : i32) {
        for (var i = thread; i < uniforms.count; i += uniforms.threads) {
          element(i);
        }
      }`,
  };
}

/** Runs an elementwise shader for `count` elements. */
export function runElements(
  host: WebGPUHost,
  shader: Shader,
  inputs: readonly tf.TensorInfo[],
  output: tf.TensorInfo,
  count: number,
  uniforms: Uniforms = {},
): void {
  if (count === 0) return;
  const workgroups = Math.min(Math.ceil(count / WORKGROUP), workgroupLimit(host));
  run(host, shader, { inputs, output, uniforms: { ...uniforms, count, threads: workgroups * WORKGROUP }, workgroups });
}

/** Runs an elementwise shader for every element of a new tensor. */
export function mapElements(
  host: WebGPUHost,
  shader: Shader,
  inputs: readonly tf.TensorInfo[],
  shape: readonly number[],
  uniforms: Uniforms = {},
): tf.TensorInfo {
  const output = allocate(host, shape);
  runElements(host, shader, inputs, output, sizeOf(shape), uniforms);
  return output;
}

const CLEAR = elementwise({
  key: 'clear',
  inputs: [],
  integers: [],
  code: 'fn element(i : i32) { result[i] = 0.0; }',
});

/** Creates a tensor of zeros on the device, for a shader to add to. */
export function cleared(host: WebGPUHost, shape: readonly number[]): tf.TensorInfo {
  return mapElements(host, CLEAR, [], shape);
}

const PART = elementwise({
  key: 'part',
  inputs: ['source'],
  integers: ['first'],
  floats: ['factor'],
  code: 'fn element(i : i32) { result[i] = source[uniforms.first + i] * uniforms.factor; }',
});

/** Copies elements of a tensor, starting at `first`, times `factor`. */
export function part(
  host: WebGPUHost,
  source: tf.TensorInfo,
  first: number,
  shape: readonly number[],
  factor = 1,
): tf.TensorInfo {
  return mapElements(host, PART, [source], shape, { first, factor });
}
