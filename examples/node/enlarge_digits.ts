/**
 * Super-resolution: FSRCNN learns to double handwritten digits of 14 × 14 pixels, by what is missing in repeated pixels.
 * Peak signal-to-noise ratio on digits that it has not seen, beside bicubic interpolation, and a picture of both.
 *
 * Measured: repeated pixels 17.83 dB, bicubic 19.77 dB, FSRCNN 27.71 dB; trained for 2 minutes on two cores that were busy
 * with other work.
 *
 *   npm run example -- examples/node/enlarge_digits.ts [--images 4000] [--epochs 6] [--out runs/enlarge_digits.png]
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { loadMnist, Random, takeFirst, withSeed, type Dataset } from 'tfjs-convolutions/training';
import { bicubic, filterEach } from '../support/filters.js';
import { meanPsnr } from '../support/metrics.js';
import { writePicture } from '../support/picture.js';
import { fitWithDecay } from '../support/fit_with_decay.js';

const SCALE = 2;
const SIZE = 28;
const SMALL = SIZE / SCALE;

interface Pair {
  readonly large: Float32Array;
  readonly small: Float32Array;
}

/** Digits from 0 to 1, and the same made smaller. */
function makeSmall({ images }: Dataset): Pair {
  const large = Float32Array.from(images, (value) => value / 255);
  return { large, small: filterEach(large, SIZE, bicubic(SMALL)) };
}

function toTensor(pixels: Float32Array, size: number): tf.Tensor {
  return tf.tensor4d(pixels, [pixels.length / size ** 2, size, size, 1]);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      images: { type: 'string', default: '4000' },
      epochs: { type: 'string', default: '6' },
      test: { type: 'string', default: '1000' },
      out: { type: 'string', default: 'runs/enlarge_digits.png' },
    },
  });
  await tf.setBackend('wasm');
  const digits = await loadMnist();
  const learned = makeSmall(takeFirst(digits.train, Number(values.images)));
  const test = makeSmall(takeFirst(digits.test, Number(values.test)));

  const model = withSeed(new Random(1, 'initialization'), () =>
    conv.superResolution({ scale: SCALE, residual: true, inputShape: [SMALL, SMALL, 1] }),
  );
  const seconds = await fitWithDecay(
    model,
    () => ({ x: toTensor(learned.small, SMALL), y: toTensor(learned.large, SIZE) }),
    {
      loss: 'meanSquaredError',
      epochs: Number(values.epochs),
      batchSize: 32,
      learningRate: 0.003,
    },
  );

  const enlarged = model.predict(toTensor(test.small, SMALL), { batchSize: 100 }) as tf.Tensor;
  const large = {
    'repeated pixels': filterEach(test.small, SMALL, repeat),
    bicubic: filterEach(test.small, SMALL, bicubic(SIZE)),
    FSRCNN: enlarged.dataSync() as Float32Array,
  };
  for (const [name, images] of Object.entries(large)) {
    console.log(`${name.padEnd(16)} ${meanPsnr(images, test.large, SIZE ** 2).toFixed(2)} dB`);
  }
  console.log(`${model.countParams().toLocaleString('en')} parameters, trained for ${seconds.toFixed(0)} s`);
  const rows = { ...large, truth: test.large };
  writePicture(
    values.out,
    Object.values(rows).map((images) => ({ values: images, size: SIZE })),
    12,
  );
  console.log(`rows: ${Object.keys(rows).join(', ')}; ${values.out}`);
}

/** Every pixel as a square. */
function repeat(image: Float32Array, size: number): Float32Array {
  return Float32Array.from({ length: SIZE ** 2 }, (_, i) => {
    const [y, x] = [Math.floor(i / SIZE / SCALE), Math.floor((i % SIZE) / SCALE)];
    return image[y * size + x]!;
  });
}

void main();
