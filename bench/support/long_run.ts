/** A long run: networks are built, trained, saved as checkpoints and disposed, with changes of the backend in between. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../src/index.js';
import { encodeCheckpoint } from '../../src/training/checkpoint.js';
import type { Dataset } from '../../src/training/dataset.js';
import { Random } from '../../src/training/random.js';
import { Trainer } from '../../src/training/trainer.js';
import { withSeed } from '../../src/training/with_seed.js';

const SIDE = 8;
const CLASSES = 3;
const BATCH = 10;
const STEPS_PER_EPOCH = 10;
const EPOCHS = 10;

/** Steps between two samples: the lifetime of one network. */
export const STEPS_PER_NETWORK = STEPS_PER_EPOCH * EPOCHS;

/** Memory usage between two networks. */
export interface MemorySample {
  readonly backend: string;
  /** Training steps so far. */
  readonly step: number;
  /** Tensors that the host counts, and their bytes. */
  readonly tensors: number;
  readonly tensorBytes: number;
  /** Size of the memory of the wasm backend; undefined on others. */
  readonly wasmBytes: number | undefined;
  /** JavaScript heap in use, after garbage collection if the process allows it. */
  readonly heapBytes: number;
  /** Resident memory of the process. */
  readonly residentBytes: number;
}

interface HeapHolder {
  readonly wasm?: { readonly HEAPU8?: Uint8Array };
}

/**
 * Trains small networks one after the other.
 *
 * @param backend backend to train on, already loaded
 * @param steps training steps, a multiple of {@link STEPS_PER_NETWORK}
 * @param onSample called after each network, when it and its optimizer are disposed
 */
export async function longRun(
  backend: string,
  steps: number,
  onSample: (sample: MemorySample) => void | Promise<void>,
): Promise<void> {
  const [train, test] = [noise(BATCH * STEPS_PER_EPOCH, 1), noise(BATCH, 2)];
  for (let step = STEPS_PER_NETWORK; step <= steps; step += STEPS_PER_NETWORK) {
    await tf.setBackend(backend);
    await trainOne({ name: 'noise', train, test }, step);
    await onSample(sampleOf(backend, step));
    await tf.setBackend('cpu');
    tf.dispose(tf.tidy(() => tf.sum(tf.square(tf.tensor1d([1, 2, 3])))));
  }
  await tf.setBackend(backend);
}

async function trainOne(data: { name: string; train: Dataset; test: Dataset }, seed: number): Promise<void> {
  const model = withSeed(new Random(seed, 'initialization'), buildModel);
  const augmentation = { zoom: 0.1, shift: 0.1 };
  const options = { epochs: EPOCHS, batchSize: BATCH, learningRate: 0.01, seed, augmentation };
  const trainer = new Trainer(model, data, options);
  await trainer.run();
  await encodeCheckpoint(trainer);
  trainer.dispose();
  model.dispose();
}

function buildModel(): tf.LayersModel {
  return tf.sequential({
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [SIDE, SIDE, 1] }),
      layers.batchNormalization({ activation: 'relu' }),
      layers.deformableConv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 1, activation: 'relu' }),
      tf.layers.flatten(),
      layers.dropout({ rate: 0.2 }),
      tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
}

function noise(count: number, seed: number): Dataset {
  const random = new Random(seed, 'split');
  return {
    images: Uint8Array.from({ length: count * SIDE * SIDE }, () => random.below(256)),
    labels: Int32Array.from({ length: count }, (_, index) => index % CLASSES),
    height: SIDE,
    width: SIDE,
    channels: 1,
    classNames: Array.from({ length: CLASSES }, (_, index) => String(index)),
  };
}

function sampleOf(backend: string, step: number): MemorySample {
  globalThis.gc?.();
  const { numTensors, numBytes } = tf.memory();
  const { heapUsed, rss } = process.memoryUsage();
  const active: unknown = tf.backend();
  return {
    backend,
    step,
    tensors: numTensors,
    tensorBytes: numBytes,
    wasmBytes: (active as HeapHolder).wasm?.HEAPU8?.byteLength,
    heapBytes: heapUsed,
    residentBytes: rss,
  };
}
