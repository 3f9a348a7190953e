/** Shared parts of the detectors' training loops. */
import * as tf from '@tensorflow/tfjs';
import { cosineDecay, Random, withSeed, type Adam } from 'tfjs-convolutions/training';
import type { Scenes } from '../data/drawn_scenes.js';

/** Duration and learning rate of a training. */
export interface TrainingSchedule {
  readonly count: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
  readonly learningRate: number;
}

/** Iterates over 0 … count − 1 in random order, epoch by epoch, with cosine decay of the learning rate. */
export async function trainInBatches(
  optimizer: Adam,
  { count, batchSize, epochs, seed, learningRate }: TrainingSchedule,
  lossOf: (indices: readonly number[]) => tf.Scalar,
): Promise<void> {
  const steps = Math.ceil(count / batchSize);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = Array.from({ length: count }, (_, index) => index);
    withSeed(new Random(seed, 'shuffle', epoch), () => {
      tf.util.shuffle(order);
    });
    for (let step = 0; step < steps; step++) {
      // Yields to the rest of the program.
      await tf.nextFrame();
      const batch = order.slice(step * batchSize, (step + 1) * batchSize);
      optimizer.learningRate = cosineDecay(learningRate, epoch * steps + step, epochs * steps);
      tf.tidy(() => {
        optimizer.minimize(() => lossOf(batch));
      });
    }
  }
}

/** Scenes with these indices, [count, size, size, 3]. */
export function imagesOf({ images, size }: Scenes, indices: readonly number[]): tf.Tensor4D {
  const length = size * size * 3;
  const pixels = new Float32Array(indices.length * length);
  indices.forEach((index, position) => {
    pixels.set(images.subarray(index * length, (index + 1) * length), position * length);
  });
  return tf.tensor4d(pixels, [indices.length, size, size, 3]);
}

/** Cross-entropy of every row of logits [rows, classes] with its class. */
export function crossEntropyOf(logits: tf.Tensor2D, labels: Int32Array): tf.Tensor1D {
  const truth = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]).toFloat();
  return tf.neg(tf.sum<tf.Tensor1D>(tf.mul(tf.logSoftmax(logits), truth), 1));
}

/** Box error of offsets [rows, 4]: quadratic up to 1, then linear, over the rows with an object. */
export function misplacementOf(offsets: tf.Tensor2D, wanted: Float32Array, labels: Int32Array): tf.Scalar {
  const found = tf.tensor1d(Float32Array.from(labels, (label) => (label > 0 ? 1 : 0)));
  const away = tf.abs(tf.sub(offsets, tf.tensor2d(wanted, [labels.length, 4])));
  const near = tf.minimum(away, 1);
  // Huber: d²/2 up to 1, d − 1/2 beyond.
  return tf.sum(tf.mul(tf.sum(tf.mul(near, tf.sub(away, tf.div(near, 2))), 1), found));
}
