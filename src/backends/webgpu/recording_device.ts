/**
 * A device that notes what the webgpu backend asks of it and does nothing. Buffers are stand-ins, which the backend's pool
 * hands out by the same rules as real ones, so that two stand-ins are the same where their memory may be.
 */
import { NotRepeatable } from '../../kernel/device_recorder.js';

/** One entry of a group of bindings. */
export interface Binding {
  readonly binding: number;
  readonly buffer: GPUBuffer;
  /** True if it is a block of uniforms. */
  readonly isUniform: boolean;
}

/** A run of a pipeline. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly bindings: readonly Binding[];
  readonly workgroups: readonly [number, number, number];
}

/** A copy between buffers. */
export interface Copy {
  readonly source: GPUBuffer;
  readonly sourceOffset: number;
  readonly target: GPUBuffer;
  readonly targetOffset: number;
  readonly bytes: number;
}

/** Something that the device is asked to do. */
export type DeviceCall = Dispatch | Copy;

type Group = Pick<Dispatch, 'layout' | 'bindings'>;

/** The noting device, its queue and the pool of its buffers. */
export class RecordingDevice {
  readonly calls: DeviceCall[] = [];
  /** Contents of the blocks of uniforms, in the order of the calls. */
  readonly uniforms = new Map<GPUBuffer, ArrayBuffer>();
  /** Numbers that kernels upload. */
  readonly uploads = new Map<GPUBuffer, ArrayBuffer>();
  readonly device: GPUDevice;
  readonly queue: GPUQueue;
  private readonly free = new Map<string, GPUBuffer[]>();

  constructor(device: GPUDevice) {
    const refuse = (what: string) => (): never => {
      throw new NotRepeatable(`a kernel ${what}`);
    };
    this.device = facadeOf(device, {
      createBindGroup: ({ layout, entries }: GPUBindGroupDescriptor) => ({ layout, bindings: bindingsOf(entries) }),
      createCommandEncoder: () => this.encoder(),
      createBuffer: refuse('allocates a buffer of its own'),
      createTexture: refuse('uses a texture'),
      createQuerySet: refuse('measures time'),
    });
    this.queue = facadeOf(device.queue, {
      writeBuffer: (buffer: GPUBuffer, _: number, data: ArrayBuffer) => {
        this.uniforms.set(buffer, data);
      },
      submit: () => undefined,
      copyExternalImageToTexture: refuse('reads an image'),
      onSubmittedWorkDone: refuse('waits for the device'),
    });
  }

  /** Takes a stand-in from the pool, as the backend's buffer manager would take a buffer. */
  acquireBuffer(size: number, usage: number, isMapped = false, isReused = true): GPUBuffer {
    // Unmapped also where it is new: the backend then copies what it uploads, in every replay.
    if (isMapped && !isReused) return this.upload(size, usage);
    const isPooled = (usage & GPUBufferUsage.UNIFORM) === 0;
    return (isPooled ? this.free.get(keyOf(size, usage))?.pop() : undefined) ?? standIn({ size, usage });
  }

  releaseBuffer(buffer: GPUBuffer): void {
    const { size, usage } = buffer;
    if ((usage & GPUBufferUsage.STORAGE) === 0) return;
    const free = this.free.get(keyOf(size, usage)) ?? [];
    free.push(buffer);
    this.free.set(keyOf(size, usage), free);
  }

  private upload(size: number, usage: number): GPUBuffer {
    const content = new ArrayBuffer(size);
    const buffer = standIn({ size, usage, getMappedRange: () => content, unmap: () => undefined });
    this.uploads.set(buffer, content);
    return buffer;
  }

  private encoder(): GPUCommandEncoder {
    let pipeline: GPUComputePipeline;
    let group: Group;
    const pass = {
      setPipeline: (next: GPUComputePipeline) => {
        pipeline = next;
      },
      setBindGroup: (_: number, next: GPUBindGroup) => {
        group = next as unknown as Group;
      },
      dispatchWorkgroups: (...workgroups: [number, number, number]) => {
        this.calls.push({ pipeline, ...group, workgroups });
      },
      end: () => undefined,
    };
    const encoder = {
      beginComputePass: () => pass,
      copyBufferToBuffer: (...given: [GPUBuffer, number, GPUBuffer, number, number]) => {
        const [source, sourceOffset, target, targetOffset, bytes] = given;
        this.calls.push({ source, sourceOffset, target, targetOffset, bytes });
      },
      finish: () => undefined,
    };
    return encoder as unknown as GPUCommandEncoder;
  }
}

/** Creates a stand-in for a buffer, which the backend takes for one. */
export function standIn(properties: Readonly<Record<string, unknown>>): GPUBuffer {
  const own = { mapState: 'unmapped', ...properties };
  const descriptors = Object.entries(own).map(([name, value]) => [name, { value, writable: true }]);
  return Object.create(GPUBuffer.prototype, Object.fromEntries(descriptors) as PropertyDescriptorMap) as GPUBuffer;
}

function keyOf(size: number, usage: number): string {
  return `${size}/${usage}`;
}

function bindingsOf(entries: Iterable<GPUBindGroupEntry>): Binding[] {
  return [...entries].map(({ binding, resource }) => {
    if (!('buffer' in resource)) throw new NotRepeatable('a kernel uses a texture');
    const { buffer } = resource;
    return { binding, buffer, isUniform: (buffer.usage & GPUBufferUsage.UNIFORM) !== 0 };
  });
}

/** The object itself, but for some methods; its own need it as `this`. */
function facadeOf<Target extends object>(target: Target, methods: Readonly<Record<string, unknown>>): Target {
  return new Proxy(target, {
    get: (object, name) => {
      if (typeof name === 'string' && name in methods) return methods[name];
      const member: unknown = Reflect.get(object, name, object);
      return typeof member === 'function' ? (member.bind(object) as unknown) : member;
    },
  });
}
