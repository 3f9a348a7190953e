/** Batches of a run: images in an order that the seed and the epoch decide, or a stream in an order of its own. */
import { BatchReader } from './batch_reader.js';
import { isStream, StreamReader, type TrainingData } from './batch_stream.js';
import type { Dataset } from './dataset.js';
import { permutation, Random } from './random.js';

/** A batch, and the numbers of its images in their epoch, by which augmentation tells them apart. */
export interface NumberedBatch {
  readonly batch: Dataset;
  readonly numbers: ArrayLike<number>;
}

/** All batches of a run. */
export interface TrainingBatches {
  /** Number of steps per epoch; the last batch may be smaller. */
  readonly stepsPerEpoch: number;
  take(epoch: number, step: number): Promise<NumberedBatch>;
}

/** Options of a run on which its batches depend. */
interface BatchOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** Batches of the training data of a run. */
export function trainingBatches(train: TrainingData['train'], options: BatchOptions): TrainingBatches {
  const { epochs, batchSize, seed } = options;
  if (isStream(train)) {
    const { stepsPerEpoch } = train;
    const reader = new StreamReader(train, batchSize);
    return {
      stepsPerEpoch,
      take: async (epoch, step) => {
        const batch = await reader.take(epoch * stepsPerEpoch + step);
        return { batch, numbers: Uint32Array.from(batch.labels, (_, index) => step * batchSize + index) };
      },
    };
  }
  const count = train.labels.length;
  const stepsPerEpoch = Math.ceil(count / batchSize);
  const orderOf = shuffled(count, seed);
  const indicesOf = (epoch: number, step: number): Uint32Array =>
    orderOf(epoch).subarray(step * batchSize, (step + 1) * batchSize);
  const reader = new BatchReader(train, (batch) => {
    const epoch = Math.floor(batch / stepsPerEpoch);
    return epoch < epochs ? indicesOf(epoch, batch % stepsPerEpoch) : undefined;
  });
  return {
    stepsPerEpoch,
    take: async (epoch, step) => ({
      batch: await reader.take(epoch * stepsPerEpoch + step),
      numbers: indicesOf(epoch, step),
    }),
  };
}

/** Orders of the images, by epoch. */
function shuffled(count: number, seed: number): (epoch: number) => Uint32Array {
  const known = new Map<number, Uint32Array>();
  return (epoch) => {
    let order = known.get(epoch);
    if (order === undefined) {
      order = permutation(count, new Random(seed, 'shuffle', epoch));
      // Batches are read ahead into the next epoch.
      for (const old of known.keys()) if (old < epoch - 1) known.delete(old);
      known.set(epoch, order);
    }
    return order;
  };
}
