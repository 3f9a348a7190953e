/** Rows of `tfjs-convolutions/training`. */
import type * as tf from '@tensorflow/tfjs';
import * as training from '../../../src/training/index.js';
import { tinyData, tinyModel } from '../../training/support/tiny.js';
import { boolean, callback, count, integer, nested, number, oneOf, required, word, type Kind } from '../kinds.js';
import { beforeFile, row, type Row } from '../row.js';

const positive = number({ above: 0 });
const decay = number({ from: 0, below: 1 });
const seed = integer(0, 2 ** 32 - 1);
const signal: Kind = { bad: () => [null, 5, NaN, 'text', true, {}, [], () => 1, { aborted: false }] };
const multipliers: Kind = {
  bad: () => [null, 5, 'text', true, [], ...[-1, NaN, '1', null, 1e308].map((kernel) => ({ kernel }))],
};

/** Options of functions that load images. */
const IMAGE_KINDS = {
  size: count,
  channels: oneOf(1, 3),
  fit: word('crop', 'stretch', 'contain'),
  background: { bad: () => [null, 5, 'white', [0, 0], [0, 0, 256], [0, 0, 0.5], ['1', 0, 0]] },
  range: { bad: () => [null, 5, [1], [1, 1], [1, -1], ['0', 1], [0, Infinity]] },
  mean: { bad: () => [null, 'x', NaN, [], [1, 2], ['1'], { 0: 1 }] },
  std: { bad: () => [1, null, 'x'] },
  preprocessing: { bad: () => [null, 5, 'crop', [], {}, { fit: 'crop' }] },
  seed,
  skipBroken: boolean,
  onLeftOut: callback,
  onProgress: callback,
};

let made: tf.LayersModel | undefined;
const model = (): tf.LayersModel => (made ??= tinyModel());

export const TRAINING_ROWS: readonly Row[] = [
  row<training.AdamOptions>('training/Adam', (options) => new training.Adam(options), {
    learningRate: positive,
    beta1: decay,
    beta2: decay,
    epsilon: positive,
    multipliers,
  }),
  row<training.SGDOptions>('training/SGD', (options) => new training.SGD(options), {
    learningRate: positive,
    momentum: decay,
    nesterov: boolean,
  }),
  row<training.EvaluateOptions>(
    'training/evaluate',
    (options) => training.evaluate(model(), tinyData().test, options),
    { batchSize: count, signal, onBatch: callback },
  ),
  row<training.ImageFolderOptions>(
    'training/loadImageFolder',
    (options) => beforeFile(training.loadImageFolder('no such folder', options)),
    IMAGE_KINDS,
  ),
  row<training.LoadImagesOptions>(
    'training/loadImages',
    (options) => beforeFile(training.loadImages('no such folder', options)),
    {
      ...IMAGE_KINDS,
      cache: word('memory', 'disk', 'none'),
      cacheFolder: { bad: () => [null, 5, '', [], {}] },
    },
    { cacheFolder: 'there' },
  ),
  row<training.TrainOptions>(
    'training/Trainer',
    (options) => new training.Trainer(model(), tinyData(), options),
    {
      epochs: required(count),
      batchSize: required(count),
      learningRate: required(positive),
      seed: required(seed),
      augmentation: required(
        nested({ zoom: required(decay), shift: required(number({ from: 0, to: 1 })) }, { zoom: 0, shift: 0 }),
      ),
      offsetLearningRateMultiplier: number({ from: 0 }),
      memory: word('normal', 'low'),
    },
    { epochs: 1, batchSize: 1, learningRate: 0.1, seed: 0, augmentation: false },
  ),
];
