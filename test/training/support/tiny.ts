/** A problem and a network small enough for every backend: bright bars on noise, horizontal, vertical or none. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../src/index.js';
import { Random } from '../../../src/training/random.js';
import type { Dataset, SplitDataset } from '../../../src/training/dataset.js';
import type { TrainOptions } from '../../../src/training/trainer.js';
import { withSeed } from '../../../src/training/with_seed.js';

/** Factories among which is that of a dropout layer. */
export interface DropoutKit {
  readonly dropout: (args: { rate: number }) => tf.layers.Layer;
}

export interface TinyModelOptions {
  readonly seed?: number;
  readonly filters?: number;
  readonly kit?: DropoutKit;
}

const SIDE = 8;
const CLASS_NAMES = ['lying', 'standing', 'none'] as const;

export const TINY_OPTIONS: TrainOptions = {
  epochs: 3,
  batchSize: 10,
  learningRate: 0.02,
  seed: 7,
  augmentation: { zoom: 0.1, shift: 0.1 },
};

function bars(count: number, seed: number): Dataset {
  const random = new Random(seed, 'split');
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    labels[n] = n % CLASS_NAMES.length;
    const line = 1 + random.below(SIDE - 2);
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const isBar = labels[n] === 0 ? y === line : labels[n] === 1 && x === line;
        images[(n * SIDE + y) * SIDE + x] = random.below(60) + (isBar ? 180 : 0);
      }
    }
  }
  return { images, labels, height: SIDE, width: SIDE, channels: 1, classNames: CLASS_NAMES };
}

/** 44 training images (so that the last batch of ten is incomplete) and 15 test images. */
export function tinyData(seed = 1): SplitDataset {
  return { name: 'bars', train: bars(44, seed), test: bars(15, seed + 1) };
}

/** Convolution, batch normalization, deformable convolution, dropout, classifier; equal weights for equal seeds. */
export function tinyModel({ seed = 3, filters = 6, kit = tf.layers }: TinyModelOptions = {}): tf.LayersModel {
  return withSeed(new Random(seed, 'initialization'), () => {
    const model = tf.sequential();
    model.add(
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false, inputShape: [SIDE, SIDE, 1] }),
    );
    model.add(layers.batchNormalization({ activation: 'relu' }));
    model.add(layers.deformableConv2d({ filters, kernelSize: 3, strides: 2, padding: 1, activation: 'relu' }));
    model.add(tf.layers.flatten());
    model.add(kit.dropout({ rate: 0.2 }));
    model.add(tf.layers.dense({ units: CLASS_NAMES.length, activation: 'softmax' }));
    return model;
  });
}

/** Bits of every weight, as text. */
export function weightBits(model: tf.LayersModel): string[] {
  return model
    .getWeights()
    .map((weight) => Buffer.from(new Uint8Array(weight.dataSync().slice().buffer)).toString('hex'));
}
