/** Reads the images of a folder once, as an epoch does, and prints the memory that it took: `epoch_memory.ts FOLDER`. */
import { BatchReader } from '../../../src/training/batch_reader.js';
import { loadImages } from '../../../src/training/load_images.js';

const BATCH = 16;

/** Bytes of the process. */
export interface EpochMemory {
  readonly images: number;
  /** From the sixth batch to the largest later value. */
  readonly grown: number;
  /** From before the folder was opened. */
  readonly whole: number;
}

async function run(folder: string): Promise<EpochMemory> {
  const before = process.memoryUsage.rss();
  const data = await loadImages(folder, { size: 224, cache: 'none' });
  const total = data.train.labels.length;
  const reader = new BatchReader(data.train, (batch) => {
    const start = batch * BATCH;
    const length = Math.min(BATCH, total - start);
    return length > 0 ? Uint32Array.from({ length }, (_, index) => start + index) : undefined;
  });
  let most = 0;
  let atFirst = Infinity;
  for (let batch = 0; batch < total / BATCH; batch++) {
    await reader.take(batch);
    most = Math.max(most, process.memoryUsage.rss());
    if (batch === 5) atFirst = most;
  }
  return { images: total + data.test.labels.length, grown: most - atFirst, whole: most - before };
}

void run(process.argv[2]!).then((memory) => {
  console.log(JSON.stringify(memory));
});
