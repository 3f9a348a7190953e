/** Answers of a network to all test images, and its surest mistakes. */
import type * as tf from '@tensorflow/tfjs';
import { evaluate, type Dataset } from 'tfjs-convolutions/training';
import { predictImages } from './predict_images.js';
import type { Examination, WrongImage } from './protocol.js';

/** Largest number of mistakes to show. */
const MOST = 12;

export async function examine(model: tf.LayersModel, test: Dataset): Promise<Examination> {
  const { confusion, losses } = await evaluate(model, test);
  const wrongCount = confusion.reduce((sum, row, truth) => sum + row.reduce((a, b) => a + b, 0) - row[truth]!, 0);
  // Among the images of highest loss are the surest mistakes; unsure ones may lose less than unsure right answers.
  const order = [...losses.keys()].sort((a, b) => losses[b]! - losses[a]!);
  const looked = order.slice(0, wrongCount === 0 ? 0 : Math.max(4 * MOST, wrongCount));
  const answers = await predictImages(model, test, looked);
  const wrong = looked.flatMap((index, place): WrongImage[] => {
    const probabilities = answers[place]!;
    const guess = probabilities.indexOf(Math.max(...probabilities));
    if (guess === test.labels[index]) return [];
    return [
      {
        ...coloursOf(test, index),
        truth: test.classNames[test.labels[index]!]!,
        guess: test.classNames[guess]!,
        probability: probabilities[guess]!,
      },
    ];
  });
  return { matrix: confusion, wrong: wrong.slice(0, MOST) };
}

function coloursOf(
  { images, height, width, channels }: Dataset,
  index: number,
): Pick<WrongImage, 'colours' | 'height' | 'width'> {
  const count = height * width;
  const colours = new Uint8ClampedArray(count * 4).fill(255);
  for (let at = 0; at < count; at++) {
    for (let channel = 0; channel < 3; channel++) {
      colours[at * 4 + channel] = images[(index * count + at) * channels + Math.min(channel, channels - 1)]!;
    }
  }
  return { colours, height, width };
}
