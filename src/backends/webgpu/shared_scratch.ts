/** Buffers of intermediate results, which all recordings of a backend share: they run one after another. */

/** Buffers by size and usage. */
export class SharedScratch {
  private readonly buffers = new Map<string, GPUBuffer[]>();
  private users = 0;

  constructor(private readonly device: GPUDevice) {}

  /** Returns a buffer for each stand-in, no two the same; {@link leave} gives them back. */
  take(standIns: readonly GPUBuffer[]): Map<GPUBuffer, GPUBuffer> {
    this.users++;
    const taken = new Map<string, number>();
    return new Map(
      standIns.map((buffer) => {
        const { size, usage } = buffer;
        const key = `${size}/${usage}`;
        const known = this.buffers.get(key) ?? [];
        this.buffers.set(key, known);
        const index = taken.get(key) ?? 0;
        taken.set(key, index + 1);
        return [buffer, (known[index] ??= this.device.createBuffer({ size, usage }))];
      }),
    );
  }

  /** Ends one use; after the last one, the buffers are freed. */
  leave(): void {
    if (--this.users > 0) return;
    for (const buffer of [...this.buffers.values()].flat()) buffer.destroy();
    this.buffers.clear();
  }
}
