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

/** Runs an elementwise shader for `count` elements, which may write to the shader's targets as well. */
export function runElements(
  host: WebGPUHost,
  shader: Shader,
  inputs: readonly tf.TensorInfo[],
  output: tf.TensorInfo,
  count: number,
  uniforms: Uniforms = {},
  targets: readonly tf.TensorInfo[] = [],
): void {
  if (count === 0) return;
  const workgroups = Math.min(Math.ceil(count / WORKGROUP), workgroupLimit(host));
  const threads = workgroups * WORKGROUP;
  run(host, shader, { inputs, output, targets, uniforms: { ...uniforms, count, threads }, workgroups });
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
