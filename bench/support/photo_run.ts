/** Training on a folder of photos that are read when they are needed, with memory and waiting. */
import { mobileNetV2 } from '../../src/index.js';
import { loadImages } from '../../src/training/load_images.js';
import { Random } from '../../src/training/random.js';
import { isSource, readImages, selectSource, type Images } from '../../src/training/image_source.js';
import { Trainer } from '../../src/training/trainer.js';
import { withSeed } from '../../src/training/with_seed.js';

const BATCH = 32;
const SIZE = 224;

/** Memory of the process at a moment. */
export interface PhotoSample {
  readonly part: 'reading all once' | 'training';
  /** Seconds since the start. */
  readonly seconds: number;
  /** Photos that were read so far. */
  readonly photos: number;
  readonly residentBytes: number;
}

/** Figures of a run. */
export interface PhotoFigures {
  /** Photos in the folder. */
  readonly photos: number;
  /** Time to list, read and check all of them once, in seconds. */
  readonly secondsOfReading: number;
  readonly steps: number;
  /** Time of all training steps but the first, and of it the time that they waited for images, in seconds. */
  readonly secondsOfTraining: number;
  readonly secondsWaited: number;
}

/**
 * Trains MobileNetV2 (α = 0.35) at 224² on the current backend, for less than an epoch: photos that are too few count again.
 *
 * @param folder photos, in a folder for each class
 * @param steps training steps
 * @param cache place of decoded images
 * @param onSample called every half second while all photos are read once, then after each step
 */
export async function photoRun(
  folder: string,
  steps: number,
  cache: 'none' | 'memory',
  onSample: (sample: PhotoSample) => void,
): Promise<PhotoFigures> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  let photos = 0;
  const sample = (part: PhotoSample['part']): void => {
    onSample({ part, seconds: seconds(), photos, residentBytes: process.memoryUsage().rss });
  };
  const timer = setInterval(() => {
    sample('reading all once');
  }, 500);
  const data = await loadImages(folder, { size: SIZE, cache, onProgress: (done) => (photos = done) });
  clearInterval(timer);
  const secondsOfReading = seconds();
  const { classNames } = data.train;
  const model = withSeed(new Random(1, 'initialization'), () =>
    mobileNetV2({ alpha: 0.35, inputShape: [SIZE, SIZE, 3], classes: classNames.length }),
  );
  const test = await readImages(
    data.test,
    Uint32Array.from({ length: BATCH }, (_, index) => index),
  );
  const options = { epochs: 1, batchSize: BATCH, learningRate: 0.01, seed: 1, augmentation: false } as const;
  const trainer = new Trainer(
    model,
    { name: 'photos', train: repeated(data.train, (steps + 1) * BATCH), test },
    options,
  );
  const enough = new AbortController();
  let taken = 0;
  let first = { seconds: 0, waited: 0 };
  await trainer.run({
    signal: enough.signal,
    onStep: () => {
      taken++;
      photos = taken * BATCH;
      sample('training');
      // The first step compiles what later ones repeat.
      if (taken === 1) first = { seconds: seconds(), waited: trainer.secondsWaited };
      if (taken > steps) enough.abort();
    },
  });
  const figures = {
    photos: data.train.labels.length + data.test.labels.length,
    secondsOfReading,
    steps,
    secondsOfTraining: seconds() - first.seconds,
    secondsWaited: trainer.secondsWaited - first.waited,
  };
  trainer.dispose();
  model.dispose();
  return figures;
}

/** At least so many images, the same ones again where they are fewer. */
function repeated(images: Images, count: number): Images {
  const { length } = images.labels;
  if (!isSource(images) || length >= count) return images;
  return selectSource(
    images,
    Uint32Array.from({ length: count }, (_, index) => index % length),
  );
}
