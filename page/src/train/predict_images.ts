/** Class probabilities of images of a data set. */
import * as tf from '@tensorflow/tfjs';
import { preprocessingOf, scalePixels, type Dataset } from 'tfjs-convolutions/training';

const BATCH = 32;

/** @param indices numbers of the images */
export async function predictImages(
  model: tf.LayersModel,
  { images, height, width, channels, preprocessing = preprocessingOf(model) }: Dataset,
  indices: readonly number[],
): Promise<number[][]> {
  const size = height * width * channels;
  const answers: number[][] = [];
  for (let start = 0; start < indices.length; start += BATCH) {
    const chosen = indices.slice(start, start + BATCH);
    const pixels = new Float32Array(chosen.length * size);
    chosen.forEach((index, place) => {
      pixels.set(images.subarray(index * size, (index + 1) * size), place * size);
    });
    scalePixels(pixels, preprocessing);
    const output = tf.tidy(() => {
      const x = tf.tensor4d(pixels, [chosen.length, height, width, channels]);
      return model.apply(x, { training: false }) as tf.Tensor2D;
    });
    const values = Array.from(await output.data());
    const classes = output.shape[1];
    output.dispose();
    for (let place = 0; place < chosen.length; place++) {
      answers.push(values.slice(place * classes, (place + 1) * classes));
    }
  }
  return answers;
}
