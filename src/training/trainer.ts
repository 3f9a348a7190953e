/**
 * Trains a classifier with Adam, cosine decay and categorical cross-entropy. Everything random is a function of (seed,
 * epoch, index), so the state between two steps is small, and a run that is resumed from it ends with the same bits on
 * backends whose kernels are repeatable (cpu and wasm).
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError } from '../errors.js';
import { spreadFlags } from '../models/freeze.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { Adam } from './adam.js';
import { checkAugmentation, type Augmentation } from './augmentation.js';
import { batchPixels } from './batch_pixels.js';
import { checkSplit } from './check_dataset.js';
import { checkCallback, checkPositive, checkSignal } from './checks.js';
import { cosineDecay } from './cosine_decay.js';
import type { SplitDataset } from './dataset.js';
import { checkFit, evaluate, PROBABILITY_FLOOR, scoreBatch, type BatchResult, type Evaluation } from './evaluate.js';
import { firstNotFinite, notFinite } from './finite_weights.js';
import { nextTurn } from './next_turn.js';
import { MAX_SEED, permutation, Random } from './random.js';
import { withSeed } from './with_seed.js';

/**
 * Share of the learning rate for the weights that predict offsets. Adam moves every weight by about the learning rate
 * whatever its gradient; the many inputs of an offset convolution would add such steps up to jumps of whole pixels.
 */
const OFFSET_MULTIPLIER = 0.1;

/**
 * Steps between two checks that all weights are finite. Of a MobileNetV1 of width 0.25 on wasm a check takes 1.4 ms and a
 * step with 32 images of 32×32 pixels 22 ms: 0.3 % of the time of a run.
 */
const STEPS_PER_CHECK = 20;

/** The options of a training run. */
export interface TrainOptions {
  /** Passes over the training images. */
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Learning rate of the first step; it falls along half a cosine to 0. */
  readonly learningRate: number;
  /** Integer from 0 to 2³² − 1 that decides the order and the random changes of images. */
  readonly seed: number;
  /** Random changes of the images, or false for none. */
  readonly augmentation: Augmentation | false;
}

const OPTIONS: OptionNames<TrainOptions> = {
  epochs: true,
  batchSize: true,
  learningRate: true,
  seed: true,
  augmentation: true,
};

/** The figures of one finished epoch. */
export interface EpochRecord {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Mean loss over the training images, while the weights changed. */
  readonly loss: number;
  /** Share of training images that were right, while the weights changed. */
  readonly accuracy: number;
  /** Mean loss over the test images after the epoch. */
  readonly testLoss: number;
  /** Share of test images that are right after the epoch. */
  readonly testAccuracy: number;
  /** Learning rate of the epoch's last step. */
  readonly learningRate: number;
  /** Seconds spent on the epoch's steps, without the evaluation. */
  readonly seconds: number;
}

/** Where a run stands between two steps. */
export interface TrainingState {
  /** Number of finished epochs. */
  epoch: number;
  /** Number of finished steps of the current epoch. */
  step: number;
  /** Sums over the current epoch. */
  lossSum: number;
  correct: number;
  seen: number;
  seconds: number;
  /** One record per finished epoch. */
  history: EpochRecord[];
}

/** Callbacks and abort signal of a run. */
export interface TrainingHooks {
  /** Stops the run between two steps. */
  signal?: AbortSignal;
  /** Called after every step; the run waits for it. */
  onStep?: (state: Readonly<TrainingState>) => void | Promise<void>;
  /** Called after every epoch, once the test images are evaluated; the run waits for it. */
  onEpoch?: (record: EpochRecord) => void | Promise<void>;
}

const HOOKS: OptionNames<TrainingHooks> = { signal: true, onStep: true, onEpoch: true };

/**
 * One training run of one model.
 *
 * @example
 * ```ts
 * import { loadMnist, takeFirst, Trainer } from 'tfjs-convolutions/training';
 *
 * const model = conv.mobileNetV1({ alpha: 0.125, inputShape: [28, 28, 1], classes: 10, downsampling: 2 });
 * const { name, train, test } = await loadMnist();
 * const data = { name, train: takeFirst(train, 64), test: takeFirst(test, 64) };
 * const options = { epochs: 1, batchSize: 32, learningRate: 0.01, seed: 1, augmentation: false };
 * const trainer = new Trainer(model, data, options);
 * await trainer.run({ onEpoch: ({ epoch, testAccuracy }) => console.log(epoch, testAccuracy) });
 * console.log(trainer.finished); // true
 * trainer.dispose();
 * ```
 */
export class Trainer {
  /** Steps of one epoch; the last one may be a smaller batch. */
  readonly stepsPerEpoch: number;
  readonly optimizer: Adam;
  state: TrainingState = { epoch: 0, step: 0, lossSum: 0, correct: 0, seen: 0, seconds: 0, history: [] };
  /** The weights that the run trains. */
  readonly variables: readonly tf.Variable[];
  private order: { readonly epoch: number; readonly indices: Uint32Array } | undefined;

  /**
   * @param model classifier [batch, height, width, channels] → softmax [batch, classes], which the run changes
   * @param data images to train on and to test with
   * @param options epochs, batch size, learning rate, seed and augmentation of the run
   * @throws TypeError or RangeError if an option is unknown or out of range, or data and model do not fit
   */
  constructor(
    readonly model: tf.LayersModel,
    readonly data: SplitDataset,
    readonly options: TrainOptions,
  ) {
    checkOptions('train', options, OPTIONS);
    checkInteger('train', 'epochs', options.epochs, 1);
    checkInteger('train', 'batchSize', options.batchSize, 1);
    checkPositive('train', 'learningRate', options.learningRate);
    checkInteger('train', 'seed', options.seed, 0, MAX_SEED);
    if (options.augmentation !== false) checkAugmentation(options.augmentation);
    checkSplit('train', data);
    checkFit('train', model, data.train);
    checkFit('train', model, data.test);
    this.optimizer = new Adam({ learningRate: options.learningRate, multipliers: offsetMultipliers(model) });
    this.stepsPerEpoch = Math.ceil(data.train.labels.length / options.batchSize);
    // Where a model was frozen by the host's flag alone, its normalisations would go on following the batches.
    spreadFlags(model);
    this.variables = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
    if (this.variables.length === 0) throw rangeError('train', 'the model must have trainable weights', 'weights', 0);
  }

  /** Whether every epoch is done. */
  get finished(): boolean {
    return this.state.epoch >= this.options.epochs;
  }

  /**
   * Goes on from the current state to the end.
   *
   * @param hooks progress and interruption
   * @returns whether the run is finished; false when the signal stopped it, with the state between two steps
   * @throws RangeError if the loss, the loss over the test images or a weight stops being finite; weights are checked before
   * the first step, every 20 steps and before an epoch counts as finished
   */
  async run(hooks: TrainingHooks = {}): Promise<boolean> {
    checkOptions('train', hooks, HOOKS);
    const { signal, onStep, onEpoch } = hooks;
    checkSignal('train', signal);
    checkCallback('train', 'onStep', onStep);
    checkCallback('train', 'onEpoch', onEpoch);
    await this.checkWeights();
    while (!this.finished) {
      while (this.state.step < this.stepsPerEpoch) {
        // A turn of the event loop, so that a signal (Ctrl-C) is heard between two steps.
        await nextTurn();
        if (signal?.aborted) return false;
        await this.trainStep();
        if (this.state.step % STEPS_PER_CHECK === 0 || this.state.step === this.stepsPerEpoch)
          await this.checkWeights();
        await onStep?.(this.state);
      }
      const test = await this.test(signal);
      if (!test) return false;
      const { epoch, lossSum, correct, seen, seconds, history } = this.state;
      const record: EpochRecord = {
        epoch: epoch + 1,
        loss: lossSum / seen,
        accuracy: correct / seen,
        testLoss: test.loss,
        testAccuracy: test.accuracy,
        learningRate: this.learningRateOf(epoch, this.stepsPerEpoch - 1),
        seconds,
      };
      this.state = {
        epoch: epoch + 1,
        step: 0,
        lossSum: 0,
        correct: 0,
        seen: 0,
        seconds: 0,
        history: [...history, record],
      };
      await onEpoch?.(record);
    }
    return true;
  }

  /** Frees the optimizer's moments; the model stays. */
  dispose(): void {
    this.optimizer.dispose();
  }

  /** Refuses weights that are not finite, which a loss does not always show. */
  private async checkWeights(): Promise<void> {
    const found = await firstNotFinite(this.model);
    if (!found) return;
    const { epoch, step } = this.state;
    throw notFinite(
      'train',
      found,
      `, found at step ${step} of epoch ${epoch + 1}, checked every ${STEPS_PER_CHECK} steps`,
    );
  }

  /** The model on the test images, or undefined when the signal stopped the evaluation. */
  private async test(signal: AbortSignal | undefined): Promise<Evaluation | undefined> {
    try {
      return await evaluate(this.model, this.data.test, signal ? { signal } : {});
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    }
  }

  /** One step: a batch of the epoch's order, its gradients, Adam. */
  private async trainStep(): Promise<void> {
    const started = performance.now();
    const { epoch, step } = this.state;
    const { options, data } = this;
    const indices = this.epochOrder().subarray(step * options.batchSize, (step + 1) * options.batchSize);
    this.optimizer.learningRate = this.learningRateOf(epoch, step);

    const labels = Int32Array.from(indices, (index) => data.train.labels[index]!);
    const probabilities = withSeed(new Random(options.seed, 'step', epoch, step), () => this.descend(indices, labels));
    const values = await probabilities.data();
    probabilities.dispose();
    const result: BatchResult = scoreBatch(values, labels, data.train.classNames.length);
    if (!Number.isFinite(result.lossSum)) {
      throw rangeError('train', 'the loss must stay finite (try a smaller learning rate)', 'loss', result.lossSum);
    }

    this.state.lossSum += result.lossSum;
    this.state.correct += result.correct;
    this.state.seen += labels.length;
    this.state.seconds += (performance.now() - started) / 1000;
    this.state.step++;
  }

  /** Moves the weights against the gradient of the batch's loss; returns the probabilities before the move. */
  private descend(indices: Uint32Array, labels: Int32Array): tf.Tensor2D {
    const { options, data, model } = this;
    const { height, width, channels, classNames } = data.train;
    const augmented = options.augmentation && {
      augmentation: options.augmentation,
      seed: options.seed,
      epoch: this.state.epoch,
    };
    const pixels = batchPixels(data.train, indices, augmented || undefined);
    return tf.tidy(() => {
      const x = tf.tensor4d(pixels, [indices.length, height, width, channels]);
      const truth = tf.oneHot(tf.tensor1d(labels, 'int32'), classNames.length).toFloat();
      let probabilities: tf.Tensor2D | undefined;
      this.optimizer.minimize(
        () => {
          // Kept, because minimize() disposes what its function made.
          probabilities = tf.keep(model.apply(x, { training: true }) as tf.Tensor2D);
          return tf.neg(tf.mean(tf.log(tf.add(tf.sum(tf.mul(probabilities, truth), -1), PROBABILITY_FLOOR))));
        },
        false,
        [...this.variables],
      );
      return probabilities!;
    });
  }

  private learningRateOf(epoch: number, step: number): number {
    const { learningRate, epochs } = this.options;
    return cosineDecay(learningRate, epoch * this.stepsPerEpoch + step, epochs * this.stepsPerEpoch);
  }

  private epochOrder(): Uint32Array {
    const { epoch } = this.state;
    if (this.order?.epoch !== epoch) {
      const random = new Random(this.options.seed, 'shuffle', epoch);
      this.order = { epoch, indices: permutation(this.data.train.labels.length, random) };
    }
    return this.order.indices;
  }
}

function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable;
}

/** Slows down the weights that say where deformable kernels look. */
function offsetMultipliers(model: tf.LayersModel): Record<string, number> {
  const weights = model.trainableWeights.filter(({ originalName }) => /\/offset_(kernel|bias)$/.test(originalName));
  return Object.fromEntries(weights.map(({ name }) => [name, OFFSET_MULTIPLIER]));
}
