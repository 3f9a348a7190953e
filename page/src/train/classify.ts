/** Classifies an image. */
import * as tf from '@tensorflow/tfjs';
import { scalePixels } from 'tfjs-convolutions/training';
import { fitDrawing } from './fit_drawing.js';
import { decodePicture, toChannels } from './pictures.js';
import type { NetworkFacts } from './protocol.js';

/** An image; a white drawing on black is centred like the built-in digits. */
export interface Question {
  readonly picture: Blob;
  readonly isDrawing: boolean;
}

/** A class and its probability. */
export interface Guess {
  readonly name: string;
  readonly probability: number;
}

export async function classify(
  model: tf.LayersModel,
  facts: NetworkFacts,
  question: Question,
): Promise<readonly Guess[]> {
  const { preprocessing } = facts;
  const { height, width, channels } = preprocessing;
  const picture = question.isDrawing ? await fitDrawing(question.picture) : question.picture;
  const pixels = Float32Array.from(toChannels(await decodePicture(picture, preprocessing), channels));
  scalePixels(pixels, preprocessing);
  const probabilities = tf.tidy(() => {
    const x = tf.tensor4d(pixels, [1, height, width, channels]);
    return model.apply(x, { training: false }) as tf.Tensor2D;
  });
  const values = await probabilities.data();
  probabilities.dispose();
  return facts.classNames
    .map((name, index) => ({ name, probability: values[index]! }))
    .sort((a, b) => b.probability - a.probability);
}
