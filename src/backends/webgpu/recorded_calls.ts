/** Recorded calls of the webgpu backend: one command buffer, with groups of bindings that are made once. */
import type * as tf from '@tensorflow/tfjs';
import type { DeviceCalls, DeviceInput } from '../../kernel/device_recorder.js';
import { makeOutputs, type RecordedOutput } from '../../kernel/recorded_outputs.js';
import type { BufferData, RecordedWebGPU } from './recorded_host.js';
import type { Dispatch, RecordingDevice } from './recording_device.js';
import type { SharedScratch } from './shared_scratch.js';
import type { UniformBlock } from './uniform_block.js';

/** Output that lies on the device. */
export interface PlacedOutput {
  readonly data: BufferData;
  readonly buffer: GPUBuffer;
}

/** Parts of {@link WebGPUCalls}. */
export interface WebGPURecording {
  readonly recorded: RecordingDevice;
  readonly uniforms: UniformBlock;
  /** Stand-ins of the inputs; undefined for those without elements. */
  readonly inputs: readonly (GPUBuffer | undefined)[];
  /** Types of the inputs as their buffers hold them: a cast to float32 leaves integers there. */
  readonly stored: readonly tf.DataType[];
  readonly outputs: readonly RecordedOutput<PlacedOutput>[];
}

/** Memory that a call refers to. */
interface Slot {
  buffer: GPUBuffer;
  readonly offset: number;
  /** Bytes; undefined for the whole buffer. */
  readonly size: number | undefined;
}

interface Group {
  readonly buffers: readonly GPUBuffer[];
  readonly group: GPUBindGroup;
}

interface ReadyDispatch extends Dispatch {
  readonly slots: readonly Slot[];
  /** Slots whose buffers change from replay to replay. */
  readonly changing: readonly Slot[];
  /** Groups of bindings for the buffers of the last replays, the newest first. */
  groups: readonly Group[];
}

interface ReadyCopy {
  readonly source: Slot;
  readonly sourceOffset: number;
  readonly target: Slot;
  readonly targetOffset: number;
  readonly bytes: number;
}

/** Groups to keep for one dispatch: variables change between two buffers. */
const MOST_GROUPS = 3;

/** The calls, for buffers that are looked up in each replay. */
export class WebGPUCalls implements DeviceCalls {
  private readonly calls: readonly (ReadyDispatch | ReadyCopy)[];
  private readonly inputSlots: readonly (Slot | undefined)[];
  private readonly outputSlots: readonly (Slot | undefined)[];
  /** Buffers for the next results, by output. */
  private readonly next = new Map<number, GPUBuffer>();
  private readonly uploads: readonly GPUBuffer[];

  constructor(
    private readonly backend: RecordedWebGPU,
    private readonly recording: WebGPURecording,
    private readonly scratch: SharedScratch,
  ) {
    const { recorded, uniforms, inputs, outputs } = recording;
    const { device } = backend;
    const slots = new Map<GPUBuffer, Slot>();
    const changing = (buffer: GPUBuffer): Slot => {
      const slot: Slot = { buffer, offset: 0, size: undefined };
      slots.set(buffer, slot);
      return slot;
    };
    this.inputSlots = inputs.map((buffer) => buffer && changing(buffer));
    this.outputSlots = outputs.map((output) => ('buffer' in output ? changing(output.buffer) : undefined));
    const isChanging = new Set(slots.values());
    this.uploads = [...recorded.uploads].map(([buffer, content]) => {
      const uploaded = device.createBuffer({
        size: content.byteLength,
        usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      });
      device.queue.writeBuffer(uploaded, 0, content);
      slots.set(buffer, { buffer: uploaded, offset: 0, size: undefined });
      return uploaded;
    });
    const block = uniforms.on(device);
    for (const [buffer, offset] of uniforms.offsets) slots.set(buffer, { buffer: block, offset, size: buffer.size });
    const used = recorded.calls.flatMap((call) =>
      'bindings' in call ? call.bindings.map(({ buffer }) => buffer) : [call.source, call.target],
    );
    for (const [buffer, real] of scratch.take([...new Set(used)].filter((each) => !slots.has(each)))) {
      slots.set(buffer, { buffer: real, offset: 0, size: undefined });
    }
    const slotOf = (buffer: GPUBuffer): Slot => slots.get(buffer)!;
    this.calls = recorded.calls.map((call) => {
      if (!('bindings' in call)) return { ...call, source: slotOf(call.source), target: slotOf(call.target) };
      const bound = call.bindings.map(({ buffer }) => slotOf(buffer));
      return { ...call, slots: bound, changing: bound.filter((slot) => isChanging.has(slot)), groups: [] };
    });
  }

  fits(inputs: readonly DeviceInput[]): boolean {
    return inputs.every(
      ({ tensor: { dataId } }, index) => this.backend.tensorMap.get(dataId).dtype === this.recording.stored[index],
    );
  }

  replay(inputs: readonly DeviceInput[], numbers: readonly number[]): tf.TensorInfo[] {
    const { backend, recording } = this;
    inputs.forEach(({ tensor }, index) => {
      const slot = this.inputSlots[index];
      if (!slot) return;
      // Looked up first: data of another backend is moved here then.
      const data = backend.tensorMap.get(tensor.dataId);
      backend.uploadToGPU(tensor.dataId);
      slot.buffer = data.resource!;
    });
    recording.outputs.forEach((output, index) => {
      if (!('buffer' in output)) return;
      const { size, usage } = output.buffer;
      this.outputSlots[index]!.buffer = this.next.get(index) ?? backend.bufferManager.acquireBuffer(size, usage);
      this.next.delete(index);
    });
    recording.uniforms.write(backend.queue, numbers);
    this.encode();
    return makeOutputs(backend, recording.outputs, inputs, (index) => this.dataOf(index));
  }

  recycle(output: number, dataId: object): void {
    const recorded = this.recording.outputs[output]!;
    const { tensorMap } = this.backend;
    if (!('buffer' in recorded) || this.next.has(output) || !tensorMap.has(dataId)) return;
    const data = tensorMap.get(dataId);
    const { resource, refCount, external } = data;
    if (!resource || refCount > 1 || external) return;
    if (resource.size !== recorded.buffer.size || resource.usage !== recorded.buffer.usage) return;
    this.next.set(output, resource);
    data.resource = null;
  }

  dispose(): void {
    // The backend's own are freed with it.
    if (!this.backend.disposed) {
      for (const buffer of this.next.values()) this.backend.bufferManager.releaseBuffer(buffer);
    }
    this.next.clear();
    for (const buffer of this.uploads) buffer.destroy();
    this.recording.uniforms.dispose();
    this.scratch.leave();
  }

  /** Adds the calls to what the backend has not submitted yet, and submits it. */
  private encode(): void {
    const { backend } = this;
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    const encoder = backend.commandEncoder!;
    let pass: GPUComputePassEncoder | undefined;
    let pipeline: GPUComputePipeline | undefined;
    for (const call of this.calls) {
      if ('slots' in call) {
        if (!pass) {
          pass = encoder.beginComputePass();
          pipeline = undefined;
        }
        if (pipeline !== call.pipeline) {
          pass.setPipeline(call.pipeline);
          pipeline = call.pipeline;
        }
        pass.setBindGroup(0, this.groupOf(call));
        pass.dispatchWorkgroups(...call.workgroups);
      } else {
        pass?.end();
        pass = undefined;
        const { source, sourceOffset, target, targetOffset, bytes } = call;
        encoder.copyBufferToBuffer(source.buffer, sourceOffset, target.buffer, targetOffset, bytes);
      }
    }
    pass?.end();
    backend.submitQueue();
  }

  private groupOf(call: ReadyDispatch): GPUBindGroup {
    const { groups, changing, slots, bindings, layout } = call;
    const known = groups.find(({ buffers }) => buffers.every((buffer, index) => buffer === changing[index]!.buffer));
    if (known) return known.group;
    const entries = slots.map(({ buffer, offset, size }, index) => ({
      binding: bindings[index]!.binding,
      resource: size === undefined ? { buffer } : { buffer, offset, size },
    }));
    const group = this.backend.device.createBindGroup({ layout, entries });
    call.groups = [{ buffers: changing.map(({ buffer }) => buffer), group }, ...groups].slice(0, MOST_GROUPS);
    return group;
  }

  /** Data of a new output in its buffer. */
  private dataOf(index: number): object {
    const { backend } = this;
    const { shape, dtype, data: recorded } = this.recording.outputs[index] as RecordedOutput<never> & PlacedOutput;
    const { dataId } = backend.makeTensorInfo([...shape], dtype);
    const data = backend.tensorMap.get(dataId);
    data.dtype = recorded.dtype;
    data.resource = this.outputSlots[index]!.buffer;
    return dataId;
  }
}
