/**
 * Adaptation by offsets alone: a network for images of one size, its copy with deformable convolutions, and training of
 * some of its weights on smaller, shifted images. After https://github.com/kastnerkyle/deform-conv (Lau, 2017).
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { samplingPlot } from 'tfjs-convolutions/plots';
import { Random, withSeed, type Dataset } from 'tfjs-convolutions/training';
import { fitWithDecay, type Batch } from './fit_with_decay.js';

const BATCH = 64;
const LEARNING_RATE = 2e-3;
/** Range of the random downscaling factor, drawn for each axis. */
const ZOOM = [1, 2.5] as const;
/** Largest shift of an image along each axis, relative to its side. */
const SHIFT = 0.2;

/** Value of the background around the images, as the network receives it. */
const BLACK = -1;

const CONVOLUTIONS = [
  { filters: 8, strides: 1 },
  { filters: 16, strides: 2 },
  { filters: 32, strides: 1 },
  { filters: 32, strides: 2 },
] as const;

/** Images from −1 to 1 and their classes. */
export interface LabelledImages {
  readonly x: tf.Tensor4D;
  readonly y: tf.Tensor2D;
}

/** The network, untrained: four convolutions, each batch-normalised. */
export function build(classes: number): tf.Sequential {
  const model = tf.sequential();
  CONVOLUTIONS.forEach(({ filters, strides }, index) => {
    const name = `conv_${index + 1}`;
    const first = index === 0 ? { inputShape: [28, 28, 1] } : {};
    model.add(conv.layers.conv2d({ name, filters, strides, kernelSize: 3, padding: 1, activation: 'relu', ...first }));
    model.add(conv.layers.batchNormalization({ name: `${name}_norm`, momentum: 0.9 }));
  });
  model.add(tf.layers.globalAveragePooling2d({}));
  model.add(tf.layers.dense({ units: classes, activation: 'softmax' }));
  return model;
}

/** Copies the trained network, optionally with other convolutions. */
export function copyOf(model: tf.LayersModel, deformable: boolean, classes: number): tf.LayersModel {
  if (deformable) return conv.convertToDeformable(model, { layers: ['conv_2', 'conv_3', 'conv_4'], modulated: false });
  const copy = build(classes);
  copy.setWeights(model.getWeights());
  return copy;
}

/** Grey images from −1 to 1. */
export function toTensors({ images, labels, height, width, classNames }: Dataset): LabelledImages {
  const x = tf.tidy(() => tf.tensor4d(Float32Array.from(images), [labels.length, height, width, 1]).div(127.5).sub(1));
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), classNames.length).toFloat());
  return { x: x as tf.Tensor4D, y: y as tf.Tensor2D };
}

/** Scales and shifts every image at random, on black. */
export function rescale(x: tf.Tensor4D, random: Random): tf.Tensor4D {
  const [count, height, width] = x.shape;
  const axis = (size: number): readonly [number, number] => {
    const zoom = random.between(...ZOOM);
    return [zoom, ((1 - zoom) * (size - 1)) / 2 + random.between(-SHIFT, SHIFT) * size];
  };
  const transforms = Array.from({ length: count }, () => {
    const [[zoomX, x0], [zoomY, y0]] = [axis(width), axis(height)];
    return [zoomX, 0, x0, 0, zoomY, y0, 0, 0];
  });
  return tf.image.transform(x, tf.tensor2d(transforms), 'bilinear', 'constant', BLACK);
}

/**
 * Trains on these images, scaled differently in every epoch; returns the duration in seconds. Without learning rate
 * decay the accuracy varies by 15 points from one epoch to the next.
 */
export function learn(
  model: tf.LayersModel,
  { x, y }: LabelledImages,
  { epochs, seed, scaled, batchSize = BATCH }: { epochs: number; seed: number; scaled: boolean; batchSize?: number },
): Promise<number> {
  const dataOf = (epoch: number): Batch => {
    const order = Array.from({ length: x.shape[0] }, (_, index) => index);
    withSeed(new Random(seed, 'shuffle', epoch), () => {
      tf.util.shuffle(order);
    });
    return tf.tidy(() => {
      const drawn = scaled ? rescale(x, new Random(seed, 'augmentation', epoch)) : x;
      return { x: tf.gather(drawn, order), y: tf.gather(y, order) };
    });
  };
  const loss = 'categoricalCrossentropy';
  return fitWithDecay(model, dataOf, { loss, epochs, batchSize, learningRate: LEARNING_RATE });
}

/** Accuracy in per cent. */
export async function accuracyOf(model: tf.LayersModel, { x, y }: LabelledImages): Promise<string> {
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const [, accuracy] = model.evaluate(x, y, { batchSize: 100 }) as tf.Scalar[];
  return `${(100 * (await accuracy!.data())[0]!).toFixed(1)} %`;
}

/** Largest difference between the outputs of two models on these images. */
export function largestDifference(first: tf.LayersModel, second: tf.LayersModel, { x }: LabelledImages): number {
  return tf.tidy(() => {
    const [a, b] = [first, second].map((model) => model.predict(x) as tf.Tensor) as [tf.Tensor, tf.Tensor];
    return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
  });
}

/** Draws the sampling locations of the last layer but one on the first image, at three sizes, as SVG. */
export async function drawSampling(model: tf.LayersModel, { x }: LabelledImages): Promise<string> {
  const zooms = [1, 1.6, 2.5];
  const images = tf.tidy(() => {
    const middle = (x.shape[1] - 1) / 2;
    const transforms = zooms.map((zoom) => [zoom, 0, (1 - zoom) * middle, 0, zoom, (1 - zoom) * middle, 0, 0]);
    const same = tf.tile(x.slice([0, 0, 0, 0], [1, -1, -1, -1]), [zooms.length, 1, 1, 1]);
    return tf.image.transform(same, tf.tensor2d(transforms), 'bilinear', 'constant', BLACK);
  });
  const locations = await conv.samplingLocations(model, images, { layer: 'conv_3', positions: [[6, 6]] });
  const shown = zooms.map((zoom, index) => {
    const values = tf.tidy(() => images.slice([index], [1]).add(1).mul(127.5).dataSync());
    const title = zoom === 1 ? 'as trained' : `${zoom} times smaller`;
    return { title, values, height: 28, width: 28, channels: 1 as const };
  });
  return samplingPlot(locations, shown);
}
