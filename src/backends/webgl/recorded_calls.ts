/** Recorded calls of the webgl backend: a list of calls of its context, with all their arguments. */
import type * as tf from '@tensorflow/tfjs';
import type { DeviceCalls, DeviceInput } from '../../kernel/device_recorder.js';
import { makeOutputs, type RecordedOutput } from '../../kernel/recorded_outputs.js';
import type { ChangingNumbers } from './changing_numbers.js';
import type { PooledTexture, RecordedTexData, RecordedWebGL } from './recorded_host.js';
import type { ContextCall, RecordingContext } from './recording_context.js';
import type { SharedTextures } from './shared_textures.js';
import { withoutRepeats } from './without_repeats.js';

/** Input of a recorded run: one that lies on the device as `data` says; none for others. */
export type RecordedInput = { readonly data: RecordedTexData; readonly texture: WebGLTexture } | undefined;

/** Output that lies on the device. */
export interface PlacedOutput {
  readonly data: RecordedTexData;
  readonly texture: WebGLTexture;
}

/** Parts of {@link WebGLCalls}. */
export interface WebGLRecording {
  readonly recorded: RecordingContext;
  readonly numbers: ChangingNumbers | undefined;
  readonly inputs: readonly RecordedInput[];
  readonly outputs: readonly RecordedOutput<PlacedOutput>[];
}

interface ReadyCall {
  readonly method: (...args: unknown[]) => unknown;
  readonly args: unknown[];
}

/** Texture that changes from replay to replay. */
class Slot {
  readonly uses: { readonly args: unknown[]; readonly index: number }[] = [];
  private current: WebGLTexture | undefined;

  set(texture: WebGLTexture): void {
    if (texture === this.current) return;
    this.current = texture;
    for (const { args, index } of this.uses) args[index] = texture;
  }
}

/** The calls, for textures that are looked up in each replay. */
export class WebGLCalls implements DeviceCalls {
  private readonly calls: readonly ReadyCall[];
  private readonly inputSlots: readonly (Slot | undefined)[];
  private readonly outputSlots: readonly (Slot | undefined)[];
  /** Textures for the next results, by output. */
  private readonly next = new Map<number, PooledTexture>();

  constructor(
    private readonly backend: RecordedWebGL,
    private readonly recording: WebGLRecording,
    private readonly scratch: SharedTextures,
  ) {
    const { recorded, numbers, inputs, outputs } = recording;
    const slots = new Map<unknown, Slot>();
    const slotOf = (part: RecordedInput | RecordedOutput<PlacedOutput>): Slot | undefined => {
      if (!part || !('texture' in part)) return undefined;
      const slot = new Slot();
      slots.set(part.texture, slot);
      return slot;
    };
    this.inputSlots = inputs.map(slotOf);
    this.outputSlots = outputs.map(slotOf);
    const kept = withoutRepeats(recorded.calls, (call) => numbers?.has(call) ?? false);
    const used = new Set(kept.flatMap(({ args }) => args));
    const textures = scratch.take(
      new Map([...recorded.kinds].filter(([texture]) => used.has(texture) && !slots.has(texture))),
    );
    const gl = backend.gpgpu.gl as unknown as Readonly<Record<string, ReadyCall['method']>>;
    this.calls = kept.map(({ name, args }: ContextCall) => {
      args.forEach((arg, index) => {
        slots.get(arg)?.uses.push({ args, index });
        args[index] = textures.get(arg as WebGLTexture) ?? arg;
      });
      return { method: gl[name]!, args };
    });
  }

  fits(inputs: readonly DeviceInput[]): boolean {
    return inputs.every(({ tensor: { dataId } }, index) => {
      const recorded = this.recording.inputs[index];
      return !recorded || liesAs(this.backend.texData.get(dataId), recorded.data);
    });
  }

  replay(inputs: readonly DeviceInput[], numbers: readonly number[]): tf.TensorInfo[] {
    const { backend, recording } = this;
    const { gl } = backend.gpgpu;
    inputs.forEach(({ tensor }, index) => {
      this.inputSlots[index]?.set(backend.texData.get(tensor.dataId).texture!.texture);
    });
    const results = recording.outputs.map((output, index) => {
      if (!('texture' in output)) return undefined;
      const { texShape, usage, dtype, isPacked } = output.data;
      const texture = this.next.get(index) ?? backend.acquireTexture(texShape!, usage, dtype, isPacked);
      this.next.delete(index);
      this.outputSlots[index]!.set(texture.texture);
      return texture;
    });
    recording.numbers?.write(numbers);
    for (const { method, args } of this.calls) method.apply(gl, args);
    return makeOutputs(backend, recording.outputs, inputs, (index) => this.dataOf(index, results[index]!));
  }

  recycle(output: number, dataId: object): void {
    const recorded = this.recording.outputs[output]!;
    const { texData, pendingRead, dataRefCount } = this.backend;
    if (!('texture' in recorded) || this.next.has(output) || !texData.has(dataId)) return;
    const data = texData.get(dataId);
    const isShared = data.refCount > 1 || data.slice || (dataRefCount.get(dataId) ?? 1) > 1;
    if (!data.texture || isShared || pendingRead.has(dataId) || !isOfKind(data, recorded.data)) return;
    this.next.set(output, data.texture);
    data.texture = null;
  }

  dispose(): void {
    for (const [output, texture] of this.next) {
      // The backend's own are freed with it.
      if (!this.backend.disposed) this.backend.disposeData(this.dataOf(output, texture));
    }
    this.next.clear();
    this.scratch.leave();
  }

  /** Creates data for the texture of an output. */
  private dataOf(output: number, texture: PooledTexture): object {
    const { data } = this.recording.outputs[output] as { readonly data: RecordedTexData };
    const { dataId } = this.backend.makeTensorInfo(data.shape, data.dtype);
    const { texShape, usage, isPacked } = data;
    Object.assign(this.backend.texData.get(dataId), { texture, texShape, usage, isPacked });
    return dataId;
  }
}

/** True if kernels read both alike. */
function liesAs(data: RecordedTexData, recorded: RecordedTexData): boolean {
  const { texture, texShape, isPacked, shape } = data;
  return (
    // A constant that has been read lies on the CPU again.
    !!texture &&
    isSameList(texShape!, recorded.texShape!) &&
    (isPacked === true) === (recorded.isPacked === true) &&
    (isPacked !== true || isSameList(shape, recorded.shape))
  );
}

/** True if the backend takes the textures of both from one pool. */
function isOfKind(data: RecordedTexData, recorded: RecordedTexData): boolean {
  return (
    isSameList(data.texShape!, recorded.texShape!) &&
    (data.usage ?? 0) === (recorded.usage ?? 0) &&
    data.isPacked === recorded.isPacked
  );
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
