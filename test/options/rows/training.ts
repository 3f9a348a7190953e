/** Rows of `tfjs-convolutions/training`. */
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as training from '../../../src/training/index.js';
import { tinyData, tinyModel } from '../../training/support/tiny.js';
import { boolean, but, callback, count, integer, nested, number, oneOf, required, word, type Kind } from '../kinds.js';
import { beforeFile, row, type Row } from '../row.js';

const positive = number({ above: 0 });
const decay = number({ from: 0, below: 1 });
const steps = integer(1, Number.MAX_SAFE_INTEGER);
const seed = integer(0, 2 ** 32 - 1);
const weightType = word('float32', 'float16', 'uint8');
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

/** A number, or a function of the step. */
const rate: Kind = { bad: () => positive.bad().filter((value) => typeof value !== 'function') };
const weights: Kind = { bad: () => [null, 5, 'text', true, {}, [], [-1, 1], ['1'], [NaN], [null], () => [1]] };
const metrics: Kind = { bad: () => [null, 5, 'text', true, [], { name: 5 }, { name: null }] };
const improvement = {
  patience: required(count),
  monitor: word('testLoss', 'testAccuracy'),
  minDelta: number({ from: 0 }),
};

const updates = {
  learningRate: rate,
  weightDecay: number({ from: 0 }),
  decays: callback,
  clipValue: positive,
  clipNorm: positive,
  globalClipNorm: positive,
  gradientAccumulationSteps: count,
  useEma: boolean,
  emaMomentum: decay,
  emaOverwriteFrequency: count,
  multipliers,
};

let made: tf.LayersModel | undefined;
const model = (): tf.LayersModel => (made ??= tinyModel());

const augmentation = nested(
  {
    zoom: required(decay),
    shift: required(number({ from: 0, to: 1 })),
    flip: word('horizontal', 'vertical', 'both'),
    rotate: number({ from: 0, to: 180 }),
    contrast: decay,
    brightness: number({ from: 0, to: 1 }),
    rand: nested({ operations: integer(1, 14), magnitude: integer(0, 30) }, {}),
    erase: number({ from: 0, to: 1 }),
    mixup: number({ from: 0, to: 4 }),
    cutmix: number({ from: 0, to: 4 }),
  },
  { zoom: 0, shift: 0 },
);

export const TRAINING_ROWS: readonly Row[] = [
  row<training.AdamOptions>(
    'training/Adam',
    (options) => new training.Adam(options),
    {
      ...updates,
      beta1: decay,
      beta2: decay,
      epsilon: positive,
    },
    { useEma: true },
  ),
  row<training.AdamOptions>(
    'training/AdamW',
    (options) => new training.AdamW(options),
    {
      ...updates,
      beta1: decay,
      beta2: decay,
      epsilon: positive,
    },
    { useEma: true },
  ),
  row<training.SGDOptions>(
    'training/SGD',
    (options) => new training.SGD(options),
    {
      ...updates,
      momentum: decay,
      nesterov: boolean,
    },
    { useEma: true },
  ),
  row<training.losses.CategoricalCrossentropyOptions>(
    'training/losses/categoricalCrossentropy',
    training.losses.categoricalCrossentropy,
    {
      fromLogits: boolean,
      labelSmoothing: number({ from: 0, to: 1 }),
      classWeights: weights,
    },
  ),
  row<training.losses.CategoricalFocalCrossentropyOptions>(
    'training/losses/categoricalFocalCrossentropy',
    training.losses.categoricalFocalCrossentropy,
    {
      fromLogits: boolean,
      labelSmoothing: number({ from: 0, to: 1 }),
      classWeights: weights,
      gamma: number({ from: 0 }),
      alpha: number({ from: 0 }),
    },
  ),
  row<training.losses.BinaryCrossentropyOptions>(
    'training/losses/binaryCrossentropy',
    training.losses.binaryCrossentropy,
    {
      fromLogits: boolean,
      labelSmoothing: number({ from: 0, to: 1 }),
      positiveWeights: weights,
    },
  ),
  row<training.schedules.CosineOptions>(
    'training/schedules/cosine',
    training.schedules.cosine,
    { initial: required(positive), steps: required(steps), final: number({ from: 0 }) },
    { initial: 1, steps: 5 },
  ),
  row<training.schedules.StepsOptions>(
    'training/schedules/steps',
    training.schedules.steps,
    {
      initial: required(positive),
      at: required({ bad: () => [null, 0, -1, 0.5, NaN, 'x', true, {}, [0], [2, 1], [1, 1], ['1'], [null]] }),
      factor: number({ from: 0 }),
    },
    { initial: 1, at: 5 },
  ),
  row<training.schedules.WarmUpOptions>(
    'training/schedules/warmUp',
    training.schedules.warmUp,
    { steps: required(integer(0, Number.MAX_SAFE_INTEGER)), then: required(callback), from: number({ from: 0 }) },
    { steps: 1, then: () => 1 },
  ),
  row<training.schedules.OneCycleOptions>(
    'training/schedules/oneCycle',
    training.schedules.oneCycle,
    {
      highest: required(positive),
      steps: required(but(steps, 1)),
      rising: number({ above: 0, below: 1 }),
      initialDivisor: positive,
      finalDivisor: positive,
    },
    { highest: 1, steps: 5 },
  ),
  row<training.EncodeModelOptions>('training/encodeModel', (options) => training.encodeModel(model(), options), {
    weights: weightType,
  }),
  row<training.EncodeModelOptions>(
    'training/saveModel',
    (options) => beforeFile(training.saveModel(model(), path.join(__filename, 'no such folder'), options)),
    { weights: weightType },
  ),
  row<training.EvaluateOptions>(
    'training/evaluate',
    (options) => training.evaluate(model(), tinyData().test, options),
    { batchSize: count, signal, onBatch: callback, threshold: number({ from: 0, to: 1 }), metrics },
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
  row<training.AugmentImagesOptions>(
    'training/augmentImages',
    (options) => training.augmentImages(tinyData().train, options),
    { augmentation, seed, epoch: seed },
  ),
  row<training.TfDatasetOptions>('training/toTfDataset', (options) => training.toTfDataset(tinyData().train, options), {
    batchSize: count,
    seed,
  }),
  row<training.LoadSegmentationOptions>(
    'training/loadSegmentation',
    (options) => beforeFile(training.loadSegmentation('no such folder', options)),
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
      augmentation: required(augmentation),
      offsetLearningRateMultiplier: number({ from: 0 }),
      memory: word('normal', 'low'),
      earlyStopping: nested(improvement, { patience: 1 }),
      plateau: nested({ ...improvement, factor: number({ above: 0, below: 1 }) }, { patience: 1 }),
      seconds: positive,
      optimizer: { bad: () => [null, 5, 'adam', true, {}, [], tf.train.adam(), () => 5] },
      schedule: callback,
      loss: callback,
      metrics,
      callbacks: { bad: () => [null, 5, 'text', true, {}, [5], [null], () => 1] },
    },
    { epochs: 1, batchSize: 1, learningRate: 0.1, seed: 0, augmentation: false },
  ),
];
