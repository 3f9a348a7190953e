/** A segmentation small enough for every backend: bright squares on a dark ground, in masks half as fine as the images. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../src/index.js';
import type { Dataset, SplitDataset } from '../../../src/training/dataset.js';
import { IGNORED } from '../../../src/training/masks.js';
import { Random } from '../../../src/training/random.js';
import { withSeed } from '../../../src/training/with_seed.js';

const SIDE = 8;
const MAP = SIDE / 2;
const CLASS_NAMES = ['ground', 'grey', 'white'] as const;

function squares(count: number, seed: number): Dataset {
  const random = new Random(seed, 'split');
  const images = new Uint8Array(count * SIDE * SIDE);
  const values = new Uint8Array(count * MAP * MAP);
  const labels = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    labels[n] = 1 + (n % 2);
    const [top, left] = [random.below(MAP - 1), random.below(MAP - 1)];
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const [row, column] = [y >> 1, x >> 1];
        const isInside = row >= top && row <= top + 1 && column >= left && column <= left + 1;
        images[(n * SIDE + y) * SIDE + x] = random.below(20) + (isInside ? 100 * labels[n]! : 0);
        values[(n * MAP + row) * MAP + column] = isInside ? labels[n]! : 0;
      }
    }
    // The last row of every other mask has no class.
    if (n % 2 === 0) values.fill(IGNORED, (n * MAP + MAP - 1) * MAP, (n + 1) * MAP * MAP);
  }
  const masks = { values, height: MAP, width: MAP };
  return { images, labels, height: SIDE, width: SIDE, channels: 1, classNames: CLASS_NAMES, masks };
}

/** 22 training images (so that the last batch of ten is incomplete) and 9 test images. */
export function tinyMasks(): SplitDataset {
  return { name: 'squares', train: squares(22, 1), test: squares(9, 2) };
}

/** Two convolutions with a normalization between them; equal weights each time. */
export function tinySegmenter(): tf.LayersModel {
  return withSeed(new Random(3, 'initialization'), () => {
    const model = tf.sequential();
    model.add(layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 1, inputShape: [SIDE, SIDE, 1] }));
    model.add(layers.batchNormalization({ activation: 'relu', momentum: 0.9 }));
    model.add(layers.pointwiseConv2d({ filters: CLASS_NAMES.length, activation: 'softmax' }));
    return model;
  });
}
