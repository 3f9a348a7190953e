/** The uniforms of all calls of a recording in one buffer, and those of them that change. */
import { NotRepeatable, probesOf } from '../../kernel/device_recorder.js';
import type { RecordingDevice } from './recording_device.js';

/** Place of a number that changes. */
interface Site {
  /** Index of its word in the block. */
  readonly word: number;
  /** Index among the numbers that change. */
  readonly number: number;
  readonly isFloat: boolean;
}

/** Contents of the block. */
export class UniformBlock {
  /** Offset of each buffer's contents, in bytes. */
  readonly offsets = new Map<GPUBuffer, number>();
  private readonly content: ArrayBuffer;
  private readonly sites: Site[] = [];
  private buffer: GPUBuffer | undefined;

  /** @param alignment of offsets, in bytes */
  constructor(
    { uniforms }: RecordingDevice,
    private readonly alignment: number,
  ) {
    let size = 0;
    for (const [buffer, { byteLength }] of uniforms) {
      this.offsets.set(buffer, size);
      size += Math.ceil(byteLength / alignment) * alignment;
    }
    this.content = new ArrayBuffer(size);
    for (const [buffer, bytes] of uniforms) {
      new Uint32Array(this.content, this.offsets.get(buffer), bytes.byteLength / 4).set(new Uint32Array(bytes));
    }
  }

  /** Finds the numbers that change, by a recording of the same kernels with probes in their places. */
  locate(probed: RecordingDevice, numbers: readonly number[]): void {
    const other = new UniformBlock(probed, this.alignment).content;
    const [words, floats, integers] = [new Uint32Array(this.content), new Float32Array(other), new Int32Array(other)];
    if (other.byteLength !== this.content.byteLength) {
      throw new NotRepeatable('its calls depend on numbers that change');
    }
    const places = new Map(probesOf(numbers).map((probe, index) => [probe, index]));
    words.forEach((bits, word) => {
      if (bits === new Uint32Array(other, 4 * word, 1)[0]) return;
      const float = places.get(floats[word]!);
      const number = float ?? places.get(integers[word]!);
      if (number === undefined) throw new NotRepeatable('a kernel computes with numbers that change');
      this.sites.push({ word, number, isFloat: float !== undefined });
    });
  }

  /** The buffer on the device. */
  on(device: GPUDevice): GPUBuffer {
    if (this.buffer) return this.buffer;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    this.buffer = device.createBuffer({ size: Math.max(this.content.byteLength, this.alignment), usage });
    device.queue.writeBuffer(this.buffer, 0, this.content);
    return this.buffer;
  }

  /** Writes the numbers that change. */
  write(queue: GPUQueue, numbers: readonly number[]): void {
    const [first, last] = [this.sites[0], this.sites.at(-1)];
    if (!this.buffer || !first || !last) return;
    const [floats, integers] = [new Float32Array(this.content), new Int32Array(this.content)];
    for (const { word, number, isFloat } of this.sites) (isFloat ? floats : integers)[word] = numbers[number]!;
    const [start, end] = [4 * first.word, 4 * (last.word + 1)];
    queue.writeBuffer(this.buffer, start, this.content, start, end - start);
  }

  dispose(): void {
    this.buffer?.destroy();
  }
}
