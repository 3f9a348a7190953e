import type { Dataset } from './dataset.js';
import { isSource, readImages, type Images } from './image_source.js';

/** Number of batches that are read ahead of the current one. */
const AHEAD = 4;

/** Reads batches in their order, those after the current one in the background. */
export class BatchReader {
  private readonly reading = new Map<number, Promise<Dataset>>();

  /**
   * @param images images of all batches
   * @param indicesOf indices of the images in a batch; undefined after the last one
   */
  constructor(
    private readonly images: Images,
    private readonly indicesOf: (batch: number) => Uint32Array | undefined,
  ) {}

  /** Reads a batch. */
  async take(batch: number): Promise<Dataset> {
    for (const other of this.reading.keys()) {
      if (other < batch || other > batch + AHEAD) this.reading.delete(other);
    }
    // Images in memory need no reading ahead.
    const last = isSource(this.images) ? batch + AHEAD : batch;
    for (let next = batch; next <= last; next++) this.start(next);
    const taken = this.reading.get(batch)!;
    this.reading.delete(batch);
    return taken;
  }

  private start(batch: number): void {
    if (this.reading.has(batch)) return;
    const indices = this.indicesOf(batch);
    if (indices === undefined) return;
    const read = readImages(this.images, indices);
    // An error is reported when the batch is taken, if it ever is.
    read.catch(() => undefined);
    this.reading.set(batch, read);
  }
}
