/**
 * A task for deformable RoI pooling: classify the shape in a synthetic scene from a box that misses it by up to half
 * its size. The fully connected offset branch is built from layers here, so that its offsets can be inspected; the
 * layer `deformableRoiPool` has such a branch itself. A second branch, `extra_…`, is the control.
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { Adam, Random } from 'tfjs-convolutions/training';
import { drawScenes, SCENE_CLASSES, type Scenes } from '../data/drawn_scenes.js';
import type { Box } from './boxes.js';
import { crossEntropyOf, imagesOf, trainInBatches, type TrainingSchedule } from './training.js';

/** Height and width of the scenes in pixels. */
const SIZE = 48;
/** Bins along each axis of a box. */
export const BINS = 3;
/** Shift of a bin by an offset of 1, relative to the size of the box. */
export const GAMMA = 0.1;
/** Image pixels per feature pixel. */
const STRIDE = 4;

/** Scenes with one shape each, and a box for each of them. */
export interface BoxedScenes {
  readonly scenes: Scenes;
  readonly boxes: readonly Box[];
}

/** One shape of 14 to 20 pixels in each scene. */
export function drawBoxed(count: number, seed: number): BoxedScenes {
  const scenes = drawScenes({ count, size: SIZE, seed, objectsPerImage: [1, 1], radius: [0.15, 0.21], noise: 0.05 });
  return { scenes, boxes: scenes.objects.map(([object]) => object!) };
}

/** The same scenes, each box shifted by up to this fraction of its size along each axis. */
export function missing({ scenes, boxes }: BoxedScenes, part: number, seed: number): BoxedScenes {
  const random = new Random(seed, 'split');
  const moved = boxes.map(({ y1, x1, y2, x2 }) => {
    const [dy, dx] = [(y2 - y1) * random.between(-part, part), (x2 - x1) * random.between(-part, part)];
    return { y1: y1 + dy, x1: x1 + dx, y2: y2 + dy, x2: x2 + dx };
  });
  return { scenes, boxes: moved };
}

/** [images, boxes, boxIndices] → [scores of the shapes, offsets of the bins in (y, x)]. */
export function buildPooling(): tf.LayersModel {
  const image = tf.input({ shape: [SIZE, SIZE, 3] });
  const box = tf.input({ shape: [4] });
  const index = tf.input({ shape: [1], dtype: 'int32' });
  const unit = (filters: number, strides: number, x: tf.SymbolicTensor): tf.SymbolicTensor => {
    const y = conv.layers.conv2d({ filters, strides, kernelSize: 3, padding: 'same', useBias: false }).apply(x);
    return conv.layers.batchNormalization({ momentum: 0.9, activation: 'relu' }).apply(y) as tf.SymbolicTensor;
  };
  const features = unit(32, 1, unit(32, 2, unit(16, 2, image)));
  const pool = { outputSize: BINS, samplingRatio: 2, spatialScale: 1 / STRIDE, gamma: GAMMA, predictOffsets: false };
  const flat = (x: unknown): tf.SymbolicTensor =>
    tf.layers.flatten().apply(x as tf.SymbolicTensor) as tf.SymbolicTensor;
  const resting = flat(conv.layers.deformableRoiPool(pool).apply([features, box, index]));
  const hidden = tf.layers.dense({ name: 'offset_hidden', units: 64, activation: 'relu' }).apply(resting);
  const starts = { kernelInitializer: 'zeros', units: 2 * BINS ** 2 };
  const moved = tf.layers.dense({ name: 'offset_dense', ...starts }).apply(hidden);
  const offset = tf.layers.reshape({ targetShape: [BINS, BINS, 2] }).apply(moved) as tf.SymbolicTensor;
  const pooled = flat(conv.layers.deformableRoiPool(pool).apply([features, box, index, offset]));
  const units = SCENE_CLASSES.length;
  const ofBins = tf.layers.dense({ units }).apply(pooled) as tf.SymbolicTensor;
  // The control: the same input and as many weights (to 0.2 %), but it adds to the scores and moves no bins.
  const extra = tf.layers.dense({ name: 'extra_hidden', units: 67, activation: 'relu' }).apply(resting);
  const added = tf.layers.dense({ name: 'extra_dense', units, kernelInitializer: 'zeros' }).apply(extra);
  const scores = tf.layers.add().apply([ofBins, added as tf.SymbolicTensor]) as tf.SymbolicTensor;
  return tf.model({ inputs: [image, box, index], outputs: [scores, offset] });
}

/** Notes the weights of a model as they are; returns a function that restores them, whatever is frozen by then. */
export function noteWeights(model: tf.LayersModel): () => void {
  const noted = model.weights.map((weight) => [weight, weight.read().clone()] as const);
  return () => {
    for (const [weight, value] of noted) weight.write(value);
  };
}

/** Scores and offsets of some of the boxes. */
export function runPooling(
  model: tf.LayersModel,
  { scenes, boxes }: BoxedScenes,
  indices: readonly number[],
  training = false,
): [tf.Tensor2D, tf.Tensor4D] {
  const chosen = indices.map((index) => boxes[index]!).map(({ y1, x1, y2, x2 }) => [y1, x1, y2, x2]);
  const images = tf.tensor2d([...indices.keys()], [indices.length, 1], 'int32');
  return model.apply([imagesOf(scenes, indices), tf.tensor2d(chosen), images], { training }) as [
    tf.Tensor2D,
    tf.Tensor4D,
  ];
}

/** Trains all weights that are not frozen to classify the shapes. */
export async function trainPooling(
  model: tf.LayersModel,
  data: BoxedScenes,
  schedule: Pick<TrainingSchedule, 'epochs' | 'learningRate'>,
): Promise<void> {
  const optimizer = new Adam({});
  await trainInBatches(optimizer, { count: data.scenes.count, batchSize: 32, seed: 1, ...schedule }, (batch) => {
    const [scores] = runPooling(model, data, batch, true);
    return tf.mean(crossEntropyOf(scores, labelsOf(data, batch)));
  });
  optimizer.dispose();
}

/** Fraction of boxes whose shape is classified correctly. */
export function accuracyOfPooling(model: tf.LayersModel, data: BoxedScenes): number {
  const all = data.boxes.map((_, index) => index);
  const found = tf.tidy(() => tf.argMax(runPooling(model, data, all)[0], 1).dataSync());
  const labels = labelsOf(data, all);
  return found.filter((label, index) => label === labels[index]).length / all.length;
}

function labelsOf({ scenes }: BoxedScenes, indices: readonly number[]): Int32Array {
  return Int32Array.from(indices, (index) => scenes.objects[index]![0]!.label);
}
