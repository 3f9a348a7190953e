/** Options, state and callbacks of a training run. */
import { checkInteger, checkOneOf, typeError } from '../errors.js';
import { MAX_SEED } from '../kernel/philox.js';
import { MEMORY_USES, type MemoryUse } from '../recompute/memory_use.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkAugmentation, type Augmentation } from './augmentation.js';
import { checkCallback, checkNotNegative, checkPositive, checkSignal } from './checks.js';
import { checkEarlyStopping, checkPlateau, checkSeconds, type EarlyStopping, type Plateau } from './early_stopping.js';
import type { EpochRecord } from './epoch_record.js';
import { checkParts, PARTS, type TrainingParts } from './training_parts.js';

/**
 * Default learning rate multiplier of the weights that predict offsets. Adam moves every weight by about the learning rate
 * regardless of its gradient; over the many inputs of an offset convolution such steps add up to jumps of whole pixels.
 */
export const OFFSET_MULTIPLIER = 0.1;

/** Options of a training run. */
export interface TrainOptions extends TrainingParts {
  /** Number of passes over the training images. */
  readonly epochs: number;
  /** Number of images per step. */
  readonly batchSize: number;
  /** Initial learning rate; decays to 0 along half a cosine, unless there is a `schedule`. */
  readonly learningRate: number;
  /** Random seed for shuffling, augmentation and dropout, an integer from 0 to 2³² − 1. */
  readonly seed: number;
  /** Augmentation of the training images, or false for none. */
  readonly augmentation: Augmentation | false;
  /**
   * Learning rate multiplier of the weights that predict offsets. The default keeps samples near the grid; about 0.3 lets
   * them follow objects of very different sizes. @default 0.1
   */
  readonly offsetLearningRateMultiplier?: number;
  /**
   * Memory of a step. With `'low'` the backward pass computes activations again instead of keeping them all: less than half
   * the memory for many networks, for up to a third more time, with the same results. A checkpoint does not record it, and
   * may be resumed with the other one. @default 'normal'
   */
  readonly memory?: MemoryUse;
  /** When to end the run before its last epoch, since it no longer improves. @default never */
  readonly earlyStopping?: EarlyStopping;
  /** When to lower the learning rate, since the run no longer improves. @default never */
  readonly plateau?: Plateau;
  /** Seconds that the steps of the run may take; no epoch is started that would exceed them. @default no limit */
  readonly seconds?: number;
}

const OPTIONS: OptionNames<TrainOptions> = {
  ...PARTS,
  epochs: true,
  batchSize: true,
  learningRate: true,
  seed: true,
  augmentation: true,
  offsetLearningRateMultiplier: true,
  memory: true,
  earlyStopping: true,
  plateau: true,
  seconds: true,
};

/** Progress of a run between two steps. */
export interface TrainingState {
  /** Number of finished epochs. */
  epoch: number;
  /** Number of finished steps of the current epoch. */
  step: number;
  /** Sum of the losses of all images in the current epoch so far. */
  lossSum: number;
  /** Number of images classified correctly in the current epoch so far; with masks, the sum of their correct fractions. */
  correct: number;
  /** Number of images trained on in the current epoch so far. */
  seen: number;
  /** Seconds spent on steps in the current epoch so far. */
  seconds: number;
  /** One record per finished epoch. */
  history: EpochRecord[];
}

/** Callbacks and abort signal of a run. */
export interface TrainingHooks {
  /** Signal to stop the run between two steps. */
  signal?: AbortSignal;
  /** Called after every step; the run waits for it. */
  onStep?: (state: Readonly<TrainingState>) => void | Promise<void>;
  /** Called after every epoch, once the test images have been evaluated; the run waits for it. */
  onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /**
   * Called if the graphics device of webgpu or webgl is lost; returns the backend on which to go on, such as 'wasm'. The run
   * goes on from the state that it read back last, at most 20 steps before, and takes and reports these steps again. Without
   * this callback, it ends with the error.
   */
  onLost?: (error: Error) => string | Promise<string>;
}

const HOOKS: OptionNames<TrainingHooks> = { signal: true, onStep: true, onEpoch: true, onLost: true };

/** Throws unless every option is known and in range. */
export function checkTrainOptions(options: TrainOptions): void {
  checkOptions('train', options, OPTIONS);
  checkInteger('train', 'epochs', options.epochs, 1);
  checkInteger('train', 'batchSize', options.batchSize, 1);
  checkPositive('train', 'learningRate', options.learningRate);
  checkInteger('train', 'seed', options.seed, 0, MAX_SEED);
  if (options.augmentation !== false) checkAugmentation(options.augmentation);
  const { offsetLearningRateMultiplier = OFFSET_MULTIPLIER, memory = 'normal' } = options;
  checkNotNegative('train', 'offsetLearningRateMultiplier', offsetLearningRateMultiplier);
  checkOneOf('train', 'memory', memory, MEMORY_USES);
  checkParts('train', options);
  if (typeof options.optimizer === 'object' && options.offsetLearningRateMultiplier !== undefined) {
    const rule = 'offsetLearningRateMultiplier needs an optimizer that the run creates: give it as a function';
    throw typeError('train', rule, 'offsetLearningRateMultiplier', options.offsetLearningRateMultiplier);
  }
  if (options.earlyStopping !== undefined) checkEarlyStopping('train', options.earlyStopping);
  if (options.plateau !== undefined) checkPlateau('train', options.plateau);
  if (options.seconds !== undefined) checkSeconds('train', options.seconds);
}

/** Throws unless the callbacks and the signal are of the right kinds. */
export function checkHooks(hooks: TrainingHooks): void {
  checkOptions('train', hooks, HOOKS);
  const { signal, onStep, onEpoch, onLost } = hooks;
  checkSignal('train', signal);
  checkCallback('train', 'onStep', onStep);
  checkCallback('train', 'onEpoch', onEpoch);
  checkCallback('train', 'onLost', onLost);
}
