/**
 * Programs with several results. Those of TensorFlow.js have one, but its backend runs any pipeline that it is given: the
 * shader is compiled here, with the uniforms and bindings that the backend gives to its own.
 */
import type * as tf from '@tensorflow/tfjs';

/** Members of the backend that such a program needs; some are private there. */
export interface SeveralResultsHost {
  readonly device: Pick<GPUDevice, 'createShaderModule' | 'createComputePipeline'> & {
    readonly limits: { readonly maxComputeWorkgroupsPerDimension: number };
  };
  /** Compiled programs of this device. */
  readonly pipelineCache: Record<string, GPUComputePipeline>;
  uploadToGPU(dataId: object): void;
  recordAndSubmit(
    program: object,
    output: tf.TensorInfo,
    inputs: readonly tf.TensorInfo[],
    uniforms: readonly object[],
  ): void;
}

/** The members of a shader that its declarations need. */
interface Arrays {
  readonly inputs: readonly string[];
  readonly targets?: readonly string[];
  readonly vectors?: readonly string[];
  readonly atomic?: boolean;
  readonly code: string;
}

interface Program {
  readonly shaderKey: string;
  readonly uniforms: string;
  readonly workgroupSize: readonly number[];
}

/** Gives each tensor its buffer. */
export function uploadAll(host: SeveralResultsHost, tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) host.uploadToGPU(dataId);
}

/** Gives a program the pipeline of a shader with targets, compiled at the first call. */
export function programOfSeveral<P extends Program>(
  host: SeveralResultsHost,
  program: P,
  shader: Arrays,
): P & { readonly pipeline: GPUComputePipeline } {
  const { pipelineCache, device } = host;
  const pipeline = (pipelineCache[program.shaderKey] ??= device.createComputePipeline({
    compute: { module: device.createShaderModule({ code: sourceOf(program, shader) }), entryPoint: '_start' },
    label: program.constructor.name,
    layout: 'auto',
  }));
  return Object.assign(program, { pipeline });
}

function sourceOf(
  { uniforms, workgroupSize }: Program,
  { inputs, targets = [], atomic = false, vectors = [], code }: Arrays,
): string {
  const typeOf = (name: string): string => (vectors.includes(name) ? 'vec4<f32>' : 'f32');
  const resultType = atomic ? 'atomic<i32>' : typeOf('result');
  const arrays = [
    `var<storage, read_write> result : array<${resultType}>;`,
    ...inputs.map((name) => `var<storage, read> ${name} : array<${typeOf(name)}>;`),
    ...targets.map((name) => `var<storage, read_write> ${name} : array<${resultType}>;`),
  ];
  // The backend passes the shape and the strides of every tensor, each a single number for a scalar.
  const shapes = arrays.map((_, index) => `shape${index} : i32, strides${index} : i32,`);
  return `
    struct Uniforms {
      NAN : f32,
      INFINITY : f32,
      ${shapes.join(' ')}
      ${uniforms}
    };
    ${arrays.map((array, index) => `@group(0) @binding(${index}) ${array}`).join('\n')}
    @group(0) @binding(${arrays.length}) var<uniform> uniforms : Uniforms;
    var<private> localIndex : u32;
    var<private> numWorkgroups : vec3<u32>;
    var<private> workgroupId : vec3<u32>;
    ${code}
    @compute @workgroup_size(${workgroupSize.join(', ')})
    fn _start(
      @builtin(local_invocation_index) LocalIndex : u32,
      @builtin(workgroup_id) WorkgroupId : vec3<u32>,
      @builtin(num_workgroups) NumWorkgroups : vec3<u32>,
    ) {
      localIndex = LocalIndex;
      numWorkgroups = NumWorkgroups;
      workgroupId = WorkgroupId;
      main(i32(WorkgroupId.x * ${workgroupSize[0]}u + LocalIndex));
    }`;
}
