/** Recorder of the webgpu backend: it runs the kernels on a device that only notes what it is asked for. */
import * as tf from '@tensorflow/tfjs';
import {
  NotRepeatable,
  probesOf,
  type DeviceCalls,
  type DeviceInput,
  type DeviceRecorder,
  type KernelRun,
} from '../../kernel/device_recorder.js';
import { describeOutputs, type RecordedOutput } from '../../kernel/recorded_outputs.js';
import { refuseReads } from '../../kernel/refuse_reads.js';
import { sizeOf } from '../../kernel/sizes.js';
import { replaceMembers } from '../../support/replace_members.js';
import { WebGPUCalls, type PlacedOutput } from './recorded_calls.js';
import { isWebGPU, type RecordedWebGPU } from './recorded_host.js';
import { RecordingDevice, standIn } from './recording_device.js';
import { SharedScratch } from './shared_scratch.js';
import { UniformBlock } from './uniform_block.js';

const scratches = new WeakMap<RecordedWebGPU, SharedScratch>();

/** Returns the recorder of a backend, if that is webgpu. */
export function webgpuRecorder(backend: unknown): DeviceRecorder | undefined {
  return isWebGPU(backend) ? new WebGPURecorder(backend) : undefined;
}

/** Calls of one run, before they have memory. */
interface Run {
  readonly recorded: RecordingDevice;
  readonly inputs: readonly (GPUBuffer | undefined)[];
  readonly outputs: readonly RecordedOutput<PlacedOutput>[];
}

class WebGPURecorder implements DeviceRecorder {
  constructor(private readonly backend: RecordedWebGPU) {}

  isReady(): boolean {
    return this.backend.activeTimers == null;
  }

  prepare(inputs: readonly DeviceInput[]): readonly DeviceInput[] {
    return inputs;
  }

  record(inputs: readonly DeviceInput[], numbers: readonly number[], run: KernelRun): DeviceCalls {
    const { backend } = this;
    const recording = this.run(inputs, numbers, run);
    const uniforms = new UniformBlock(recording.recorded, backend.device.limits.minUniformBufferOffsetAlignment);
    if (numbers.length > 0) {
      const probed = this.run(inputs, probesOf(numbers), run);
      checkSame(recording.recorded, probed.recorded);
      uniforms.locate(probed.recorded, numbers);
    }
    const scratch = scratches.get(backend) ?? new SharedScratch(backend.device);
    scratches.set(backend, scratch);
    const stored = inputs.map(({ tensor: { dataId } }) => backend.tensorMap.get(dataId).dtype);
    return new WebGPUCalls(backend, { ...recording, stored, uniforms }, scratch);
  }

  private run(inputs: readonly DeviceInput[], numbers: readonly number[], run: KernelRun): Run {
    const { backend } = this;
    // Calls that the backend has not submitted yet are not a part of the recording.
    if (backend.commandEncoder) {
      backend.endComputePassEncoder();
      backend.submitQueue();
    }
    const recorded = new RecordingDevice(backend.device);
    const restore = this.replaceDevice(recorded);
    const batch = tf.env().get('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE') as number;
    // Buffers are released with the batch of the calls that use them.
    tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 1);
    try {
      const buffers = inputs.map(({ tensor: { shape } }) => (sizeOf(shape) === 0 ? undefined : standInFor(shape)));
      let outputs: readonly RecordedOutput<PlacedOutput>[] = [];
      tf.tidy(() => {
        const operands = inputs.map(({ tensor }, index) => this.placeholder(tensor, buffers[index]));
        outputs = describeOutputs(run(operands, numbers), operands, (dataId) => this.locate(dataId));
      });
      return { recorded, inputs: buffers, outputs };
    } finally {
      tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', batch);
      restore();
    }
  }

  private replaceDevice(recorded: RecordingDevice): () => void {
    const { backend } = this;
    return replaceMembers(backend, {
      device: recorded.device,
      queue: recorded.queue,
      bufferManager: recorded,
      commandEncoder: null,
      computePassEncoder: null,
      dispatchCountInPass: 0,
      commandQueueOwnedIds: new WeakSet(),
      tensorDataPendingDisposal: [],
      uniformPendingDisposal: [],
      stagingPendingDisposal: [],
      ...refuseReads(backend, (dataId) => !!backend.tensorMap.get(dataId).resource),
    });
  }

  private placeholder({ shape, dtype, dataId }: tf.Tensor, buffer: GPUBuffer | undefined): tf.Tensor {
    const { backend } = this;
    const info = backend.makeTensorInfo(shape, dtype, buffer ? undefined : []);
    if (buffer) {
      const { dtype: stored } = backend.tensorMap.get(dataId);
      Object.assign(backend.tensorMap.get(info.dataId), { dtype: stored, resource: buffer, external: true });
    }
    return tf.engine().makeTensorFromTensorInfo(info);
  }

  private locate(dataId: object): PlacedOutput | { readonly values: unknown } {
    const data = this.backend.tensorMap.get(dataId);
    return data.resource ? { data: { ...data }, buffer: data.resource } : { values: data.values };
  }
}

/** Every element of a tensor takes four bytes, whatever its dtype. */
function standInFor(shape: readonly number[]): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  return standIn({ size: 4 * sizeOf(shape), usage });
}

/** Throws unless two recordings differ in buffers and uniforms alone. */
function checkSame(one: RecordingDevice, probed: RecordingDevice): void {
  const isSame = one.calls.every((call, index) => {
    const other = probed.calls[index];
    if (!other || !('workgroups' in call) || !('workgroups' in other)) {
      return other && 'bytes' in call && 'bytes' in other;
    }
    return call.pipeline === other.pipeline && call.workgroups.every((count, axis) => count === other.workgroups[axis]);
  });
  const [uploaded, others] = [uploadedBytes(one), uploadedBytes(probed)];
  const isUploaded = uploaded.length === others.length && uploaded.every((byte, index) => byte === others[index]);
  if (!isSame || !isUploaded || one.calls.length !== probed.calls.length) {
    throw new NotRepeatable('its calls depend on numbers that change');
  }
}

/** Bytes of everything that kernels upload, in order. */
function uploadedBytes({ uploads }: RecordingDevice): number[] {
  return [...uploads.values()].flatMap((content) => [...new Uint8Array(content)]);
}
