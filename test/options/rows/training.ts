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
    { size: count, channels: oneOf(1, 3), seed, onLeftOut: callback },
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
