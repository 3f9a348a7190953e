/**
 * A task that needs context: label every pixel of a handwritten digit with its digit, and all others as background. A
 * stroke looks the same in many digits, so a network needs a large receptive field; the networks here differ only in
 * their dilations.
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { Random, withSeed, type Dataset } from 'tfjs-convolutions/training';
import { DIGIT_SIZE, greyImages, makeSmall } from './digits.js';
import { fitWithDecay } from './fit_with_decay.js';

/** Height and width of the images: digits downsampled by two. */
export const SIZE = DIGIT_SIZE / 2;
/** Class of pixels without ink, after those of the ten digits. */
export const GROUND = 10;
/** Value from which a pixel counts as ink. */
const INK = 0.3;

/** Colours of the ten digits and of the background, all distinct. */
const COLOURS = [
  [0.9, 0.1, 0.3],
  [0.24, 0.71, 0.29],
  [1, 0.88, 0.1],
  [0.26, 0.39, 0.85],
  [0.96, 0.51, 0.19],
  [0.57, 0.12, 0.71],
  [0.27, 0.94, 0.94],
  [0.94, 0.2, 0.9],
  [0.74, 0.96, 0.05],
  [0.98, 0.75, 0.75],
  [0.06, 0.06, 0.06],
] as const;

/** Images from 0 to 1, one after another, and the class of every pixel. */
export interface NamedPixels {
  readonly images: Float32Array;
  readonly names: Int32Array;
}

/** Digits with labelled pixels. */
export function namePixels(digits: Dataset): NamedPixels {
  const { small: images } = makeSmall(digits);
  const nameOf = (value: number, index: number): number =>
    value > INK ? digits.labels[Math.floor(index / SIZE ** 2)]! : GROUND;
  return { images, names: Int32Array.from(images, nameOf) };
}

/**
 * 3×3 convolutions at full resolution, each with its dilation and batch normalisation, then class scores by a 1×1
 * convolution.
 */
export function buildStack(rates: readonly number[]): tf.Sequential {
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [SIZE, SIZE, 1] })] });
  for (const dilationRate of rates) {
    model.add(conv.layers.dilatedConv2d({ filters: 24, kernelSize: 3, dilationRate, useBias: false }));
    model.add(conv.layers.batchNormalization({ momentum: 0.9, activation: 'relu' }));
  }
  model.add(conv.layers.pointwiseConv2d({ filters: GROUND + 1, activation: 'softmax' }));
  return model;
}

/** Trains a stack with these dilations; also returns its duration in seconds. */
export async function trainStack(
  rates: readonly number[],
  data: NamedPixels,
  epochs: number,
): Promise<{ readonly model: tf.Sequential; readonly seconds: number }> {
  const model = withSeed(new Random(1, 'initialization'), () => buildStack(rates));
  const dataOf = (): { x: tf.Tensor; y: tf.Tensor } => {
    const x = greyImages(data.images, SIZE);
    const names = tf.tensor3d(data.names, [x.shape[0], SIZE, SIZE], 'int32');
    const y = tf.tidy(() => tf.oneHot(names, GROUND + 1).toFloat());
    names.dispose();
    return { x, y };
  };
  const schedule = { epochs, batchSize: 16, learningRate: 0.01 };
  const seconds = await fitWithDecay(model, dataOf, { loss: 'categoricalCrossentropy', ...schedule });
  return { model, seconds };
}

/** Predicted class of every pixel. */
export function namesBy(model: tf.LayersModel, { images }: NamedPixels): Int32Array {
  return tf.tidy(() => {
    const scores = model.predict(greyImages(images, SIZE), { batchSize: 100 }) as tf.Tensor;
    return tf.argMax(scores, -1).dataSync() as Int32Array;
  });
}

/** Fraction of the ink that is classified correctly. */
export function shareOfInk(found: Int32Array, { names }: NamedPixels): number {
  const ink = [...names.keys()].filter((pixel) => names[pixel] !== GROUND);
  return ink.filter((pixel) => found[pixel] === names[pixel]).length / ink.length;
}

/** Colour of every class, from 0 to 1; the background is almost black. */
export function coloursOf(names: Int32Array): Float32Array {
  return Float32Array.from({ length: 3 * names.length }, (_, i) => COLOURS[names[Math.floor(i / 3)]!]![i % 3]!);
}
