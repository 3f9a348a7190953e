/**
 * The denoising autoencoder of Keras's example learns to clean handwritten digits; prints the peak signal-to-noise
 * ratio on unseen digits, compared with a median filter and the best Gaussian filter, and draws all of them.
 *
 * Measured: with noise 11.00 dB, median 15.52 dB, Gaussian of 0.7 pixels 13.70 dB, autoencoder 18.41 dB; trained for 2
 * minutes on two cores that were busy with other work.
 *
 *   npm run example -- examples/node/denoise_digits.ts [--images 4000] [--epochs 4] [--out runs/denoise_digits.png]
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { loadMnist, Random, takeFirst, withSeed } from 'tfjs-convolutions/training';
import { addNoise, DIGIT_SIZE, greyImages } from '../support/digits.js';
import { filterEach, gaussian, median3 } from '../support/filters.js';
import { meanPsnr } from '../support/metrics.js';
import { writePicture } from '../support/picture.js';
import { fitWithDecay } from '../support/fit_with_decay.js';

/** Widths of Gaussian filters to choose from. */
const WIDTHS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5];

/** Best Gaussian filter on the training digits. */
function bestGaussian({ clean, noisy }: ReturnType<typeof addNoise>): number {
  const part = (pixels: Float32Array): Float32Array => pixels.subarray(0, 200 * DIGIT_SIZE ** 2);
  const scores = WIDTHS.map((width) =>
    meanPsnr(filterEach(part(noisy), DIGIT_SIZE, gaussian(width)), part(clean), DIGIT_SIZE ** 2),
  );
  return WIDTHS[scores.indexOf(Math.max(...scores))]!;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      images: { type: 'string', default: '4000' },
      epochs: { type: 'string', default: '4' },
      test: { type: 'string', default: '1000' },
      out: { type: 'string', default: 'runs/denoise_digits.png' },
    },
  });
  await tf.setBackend('wasm');
  const digits = await loadMnist();
  const learned = addNoise(takeFirst(digits.train, Number(values.images)), 1);
  const test = addNoise(takeFirst(digits.test, Number(values.test)), 2);

  const model = withSeed(new Random(1, 'initialization'), () => conv.denoisingAutoencoder());
  const seconds = await fitWithDecay(
    model,
    () => ({ x: greyImages(learned.noisy, DIGIT_SIZE), y: greyImages(learned.clean, DIGIT_SIZE) }),
    {
      loss: 'binaryCrossentropy',
      epochs: Number(values.epochs),
      batchSize: 32,
      learningRate: 0.003,
    },
  );

  const width = bestGaussian(learned);
  const cleaned = {
    'with noise': test.noisy,
    'median 3×3': filterEach(test.noisy, DIGIT_SIZE, median3),
    [`Gaussian ${width} px`]: filterEach(test.noisy, DIGIT_SIZE, gaussian(width)),
    autoencoder: (
      model.predict(greyImages(test.noisy, DIGIT_SIZE), { batchSize: 100 }) as tf.Tensor
    ).dataSync() as Float32Array,
  };
  for (const [name, images] of Object.entries(cleaned)) {
    console.log(`${name.padEnd(16)} ${meanPsnr(images, test.clean, DIGIT_SIZE ** 2).toFixed(2)} dB`);
  }
  console.log(`${model.countParams().toLocaleString('en')} parameters, trained for ${seconds.toFixed(0)} s`);
  await writePicture(
    values.out,
    [...Object.values(cleaned), test.clean].map((images) => ({ values: images, size: DIGIT_SIZE })),
    12,
  );
  console.log(`rows: ${[...Object.keys(cleaned), 'truth'].join(', ')}; ${values.out}`);
}

void main();
