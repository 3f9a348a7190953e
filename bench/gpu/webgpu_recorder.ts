/** Records the dispatches of the WebGPU backend. */
import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { Recorder } from './recording.js';

/** The host's interface for running programs; see src/backends/webgpu/adapter.ts. */
interface Program {
  readonly shaderKey: string;
  readonly atomic?: boolean;
  /** Names of the results beyond the first. */
  readonly targets?: readonly string[];
}

interface Running {
  readonly shader: string;
  readonly host: boolean;
  readonly atomic: boolean;
  readonly targets: number;
}

type Entries = readonly GPUBindGroupEntry[];

/** Starts recording the active backend. */
export function watchWebGPU(): Recorder {
  const recorder = new Recorder();
  recorder.watchKernels('webgpu');
  const active: unknown = tf.backend();
  const backend = active as Omit<WebGPUBackend, 'runWebGPUProgram'> & {
    runWebGPUProgram(program: Program): unknown;
    recordAndSubmit(program: Program): unknown;
  };
  const { device } = backend;

  const OURS = /^convolutions\//;
  let running: Running = { shader: '', host: true, atomic: false, targets: 0 };
  const note = ({ shaderKey, atomic = false, targets = [] }: Program): void => {
    const shader = shaderKey.replace(OURS, '');
    running = { shader, host: !OURS.test(shaderKey), atomic, targets: targets.length };
  };
  const runProgram = backend.runWebGPUProgram.bind(backend) as (...values: unknown[]) => unknown;
  backend.runWebGPUProgram = (program, ...rest) => {
    // The host extends the key when it runs.
    note(program);
    return runProgram(program, ...rest);
  };
  const submit = backend.recordAndSubmit.bind(backend) as (...values: unknown[]) => unknown;
  backend.recordAndSubmit = (program, ...rest) => {
    // Programs with several results come here alone.
    if (program.targets?.length) note(program);
    return submit(program, ...rest);
  };

  const createPipeline = device.createComputePipeline.bind(device);
  device.createComputePipeline = (descriptor) => {
    recorder.add('compiled', 1);
    return createPipeline(descriptor);
  };

  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const { size, usage, mappedAtCreation = false } = descriptor;
    if (mappedAtCreation && usage & GPUBufferUsage.STORAGE) recorder.add('uploaded', size);
    return createBuffer(descriptor);
  };

  const groups = new WeakMap<GPUBindGroup, Entries>();
  const createGroup = device.createBindGroup.bind(device);
  device.createBindGroup = (descriptor) => {
    const group = createGroup(descriptor);
    groups.set(group, [...descriptor.entries]);
    return group;
  };

  const createEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createEncoder(descriptor);
    const copy = encoder.copyBufferToBuffer.bind(encoder) as (...values: unknown[]) => void;
    encoder.copyBufferToBuffer = (source: GPUBuffer, ...rest: unknown[]) => {
      const target = rest.find((value): value is GPUBuffer => typeof value === 'object')!;
      if (source.usage & GPUBufferUsage.MAP_WRITE) recorder.add('uploaded', source.size);
      if (target.usage & GPUBufferUsage.MAP_READ) recorder.add('readBack', target.size);
      copy(source, ...rest);
    };
    const beginPass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (pass) => watchPass(beginPass(pass));
    return encoder;
  };

  function watchPass(pass: GPUComputePassEncoder): GPUComputePassEncoder {
    let entries: Entries = [];
    const setGroup = pass.setBindGroup.bind(pass) as (...values: unknown[]) => void;
    pass.setBindGroup = (index: number, group: GPUBindGroup | null, ...rest: unknown[]) => {
      entries = (group && groups.get(group)) ?? [];
      setGroup(index, group, ...rest);
    };
    const dispatch = pass.dispatchWorkgroups.bind(pass);
    pass.dispatchWorkgroups = (x, y, z) => {
      recorder.dispatch({ shader: running.shader, host: running.host, ...bytesOf(entries, running) });
      dispatch(x, y, z);
    };
    return pass;
  }

  return recorder;
}

/**
 * The host binds the result, then the inputs, then the uniforms; results beyond the first come after the inputs. Atomic
 * results are both read and written.
 */
function bytesOf(entries: Entries, { atomic, targets }: Running): { read: number; written: number } {
  const buffers = entries.map(({ resource }) => (resource as GPUBufferBinding).buffer);
  const [result, ...rest] = buffers.filter(({ usage }) => (usage & GPUBufferUsage.STORAGE) !== 0);
  const inputs = rest.slice(0, rest.length - targets);
  const read = sum(new Set(inputs));
  const written = sum([result!, ...rest.slice(inputs.length)]);
  return { read: atomic ? read + written : read, written };
}

function sum(buffers: Iterable<GPUBuffer>): number {
  return [...buffers].reduce((bytes, { size }) => bytes + size, 0);
}
