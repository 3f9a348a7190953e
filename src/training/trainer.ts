/**
 * Trains a classifier with Adam, cosine decay and categorical cross-entropy. Everything random is a function of (seed,
 * epoch, index), so the state between two steps is small, and a resumed run gives the same result bit for bit on backends
 * with deterministic kernels (cpu and wasm).
 */
import * as tf from '@tensorflow/tfjs';
import { capture, type Captured } from '../capture/capture.js';
import { checkInteger, checkOneOf, rangeError } from '../errors.js';
import { MAX_SEED } from '../kernel/philox.js';
import { propagateFlags } from '../models/freeze.js';
import { LowMemory } from '../recompute/low_memory.js';
import { MEMORY_USES, type MemoryUse } from '../recompute/memory_use.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { Adam } from './adam.js';
import { checkAugmentation, type Augmentation } from './augmentation.js';
import { batchPixels } from './batch_pixels.js';
import { BatchReader } from './batch_reader.js';
import { checkSplit } from './check_dataset.js';
import { checkCallback, checkNotNegative, checkPositive, checkSignal } from './checks.js';
import { cosineDecay } from './cosine_decay.js';
import type { Dataset } from './dataset.js';
import { indicesOf, type SplitImages } from './image_source.js';
import { checkFit, evaluate, PROBABILITY_FLOOR, scoreBatch, type BatchResult, type Evaluation } from './evaluate.js';
import { Device, LostDeviceError } from './device.js';
import { firstNotFinite, notFinite } from './finite_weights.js';
import { KeptState } from './kept_state.js';
import { nextTurn } from './next_turn.js';
import { permutation, Random } from './random.js';
import { withSeed } from './with_seed.js';

/**
 * Default learning rate multiplier of the weights that predict offsets. Adam moves every weight by about the learning rate
 * regardless of its gradient; over the many inputs of an offset convolution such steps add up to jumps of whole pixels.
 */
const OFFSET_MULTIPLIER = 0.1;

/**
 * Steps between two checks that all weights are finite. For a MobileNetV1 of width 0.25 on wasm, a check takes 1.4 ms and a
 * step with 32 images of 32×32 pixels 22 ms, so checks take 0.3 % of a run.
 */
const STEPS_PER_CHECK = 20;

/** Options of a training run. */
export interface TrainOptions {
  /** Number of passes over the training images. */
  readonly epochs: number;
  /** Number of images per step. */
  readonly batchSize: number;
  /** Initial learning rate; decays to 0 along half a cosine. */
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
}

const OPTIONS: OptionNames<TrainOptions> = {
  epochs: true,
  batchSize: true,
  learningRate: true,
  seed: true,
  augmentation: true,
  offsetLearningRateMultiplier: true,
  memory: true,
};

/** Metrics of one finished epoch. */
export interface EpochRecord {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Mean loss on the training images, while the weights were changing. */
  readonly loss: number;
  /** Accuracy on the training images, from 0 to 1, while the weights were changing. */
  readonly accuracy: number;
  /** Mean loss on the test images after the epoch. */
  readonly testLoss: number;
  /** Accuracy on the test images after the epoch, from 0 to 1. */
  readonly testAccuracy: number;
  /** Learning rate of the epoch's last step. */
  readonly learningRate: number;
  /** Seconds spent on the steps of the epoch, excluding the evaluation. */
  readonly seconds: number;
}

/** Progress of a run between two steps. */
export interface TrainingState {
  /** Number of finished epochs. */
  epoch: number;
  /** Number of finished steps of the current epoch. */
  step: number;
  /** Sum of the losses of all images in the current epoch so far. */
  lossSum: number;
  /** Number of images classified correctly in the current epoch so far. */
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
  /** Number of steps per epoch; the last batch may be smaller. */
  readonly stepsPerEpoch: number;
  readonly optimizer: Adam;
  state: TrainingState = { epoch: 0, step: 0, lossSum: 0, correct: 0, seen: 0, seconds: 0, history: [] };
  /** Seconds that steps have waited for images since the trainer was made. */
  secondsWaited = 0;
  /** Weights that the run trains. */
  readonly variables: readonly tf.Variable[];
  /** The step on one batch, which is recorded once and then replayed. */
  private readonly step: Captured<[tf.Tensor4D, tf.Tensor2D], tf.Tensor2D>;
  /** State to go on from if the graphics device is lost. */
  private kept: KeptState<TrainingState> | undefined;
  /** Order of the training images, by epoch. */
  private readonly orders = new Map<number, Uint32Array>();
  private readonly batches: BatchReader;

  /**
   * @param model classifier [batch, height, width, channels] → softmax [batch, classes], which is trained in place
   * @param data training and test images, in memory or read when they are needed (`loadImages`)
   * @param options epochs, batch size, learning rate, seed and augmentation
   * @throws TypeError or RangeError if an option is unknown or out of range, or the data does not fit the model
   */
  constructor(
    readonly model: tf.LayersModel,
    readonly data: SplitImages,
    readonly options: TrainOptions,
  ) {
    checkOptions('train', options, OPTIONS);
    checkInteger('train', 'epochs', options.epochs, 1);
    checkInteger('train', 'batchSize', options.batchSize, 1);
    checkPositive('train', 'learningRate', options.learningRate);
    checkInteger('train', 'seed', options.seed, 0, MAX_SEED);
    if (options.augmentation !== false) checkAugmentation(options.augmentation);
    const { offsetLearningRateMultiplier: offsetRate = OFFSET_MULTIPLIER } = options;
    checkNotNegative('train', 'offsetLearningRateMultiplier', offsetRate);
    const memory = checkOneOf('train', 'memory', options.memory ?? 'normal', MEMORY_USES);
    checkSplit('train', data);
    checkFit('train', model, data.train);
    checkFit('train', model, data.test);
    this.optimizer = new Adam({
      learningRate: options.learningRate,
      multipliers: offsetMultipliers(model, offsetRate),
    });
    this.stepsPerEpoch = Math.ceil(data.train.labels.length / options.batchSize);
    this.batches = new BatchReader(data.train, (batch) => {
      const epoch = Math.floor(batch / this.stepsPerEpoch);
      return epoch < options.epochs ? this.batchOf(epoch, batch % this.stepsPerEpoch) : undefined;
    });
    // In a model frozen by the host's flag alone, batch normalisation would keep updating its moving averages.
    propagateFlags(model);
    this.variables = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
    if (this.variables.length === 0) throw rangeError('train', 'the model must have trainable weights', 'weights', 0);
    const low = memory === 'low' ? new LowMemory('train', model) : undefined;
    this.step = capture((x: tf.Tensor4D, truth: tf.Tensor2D) => {
      const step = (): tf.Tensor2D => this.descend(x, truth);
      return low ? low.run(step) : step();
    });
  }

  /** True once all epochs are done. */
  get finished(): boolean {
    return this.state.epoch >= this.options.epochs;
  }

  /**
   * Trains from the current state to the end.
   *
   * @param hooks callbacks and abort signal
   * @returns true if the run is finished; false if the signal stopped it, with the state between two steps
   * @throws RangeError if the training loss, the test loss or a weight becomes NaN or infinite; weights are checked before
   * the first step, every 20 steps and at the end of every epoch; Error if the graphics device is lost and `onLost` does not
   * say where to go on
   */
  async run(hooks: TrainingHooks = {}): Promise<boolean> {
    checkOptions('train', hooks, HOOKS);
    const { signal, onStep, onEpoch, onLost } = hooks;
    checkSignal('train', signal);
    checkCallback('train', 'onStep', onStep);
    checkCallback('train', 'onEpoch', onEpoch);
    checkCallback('train', 'onLost', onLost);
    for (;;) {
      try {
        return await this.train(hooks, new Device('train'));
      } catch (error) {
        if (!(error instanceof LostDeviceError) || !onLost || !this.kept) throw error;
        await startOther(await onLost(error), error);
        await this.kept.restore(this);
      }
    }
  }

  private async train({ signal, onStep, onEpoch, onLost }: TrainingHooks, device: Device): Promise<boolean> {
    const check = async (): Promise<void> => {
      await device.use(() => this.checkWeights());
      if (onLost && device.exists) this.kept = await device.use(() => KeptState.of<TrainingState>(this));
    };
    await check();
    while (!this.finished) {
      while (this.state.step < this.stepsPerEpoch) {
        // Yields to the event loop, so that a signal (Ctrl-C) is noticed between two steps.
        await nextTurn();
        if (signal?.aborted) return false;
        await device.use(() => this.trainStep());
        if (this.state.step % STEPS_PER_CHECK === 0 || this.state.step === this.stepsPerEpoch) await check();
        await onStep?.(this.state);
      }
      const test = await device.use(() => this.test(signal));
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

  /** Disposes the moments of the optimizer and what has been captured, but not the model. */
  dispose(): void {
    this.step.dispose();
    this.optimizer.dispose();
  }

  /** Throws if weights are not finite, which the loss does not always reveal. */
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

  /** Evaluates the model on the test images; undefined if the signal aborted the evaluation. */
  private async test(signal: AbortSignal | undefined): Promise<Evaluation | undefined> {
    try {
      return await evaluate(this.model, this.data.test, signal ? { signal } : {});
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    }
  }

  /** Runs one step: the next batch of the epoch, its gradients, an update by Adam. */
  private async trainStep(): Promise<void> {
    const started = performance.now();
    const { epoch, step } = this.state;
    const { options, data } = this;
    const batch = await this.batches.take(epoch * this.stepsPerEpoch + step);
    this.secondsWaited += (performance.now() - started) / 1000;
    this.optimizer.learningRate = this.learningRateOf(epoch, step);

    const { labels } = batch;
    const probabilities = withSeed(new Random(options.seed, 'step', epoch, step), () => this.runStep(batch));
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

  /** Runs the step on a batch; returns the probabilities before the update. */
  private runStep(batch: Dataset): tf.Tensor2D {
    const { options } = this;
    const { epoch, step } = this.state;
    const { labels, height, width, channels, classNames } = batch;
    const augmented = options.augmentation && {
      augmentation: options.augmentation,
      seed: options.seed,
      epoch,
      numbers: this.batchOf(epoch, step),
    };
    const pixels = batchPixels(batch, indicesOf(batch), augmented || undefined);
    return tf.tidy(() => {
      const x = tf.tensor4d(pixels, [labels.length, height, width, channels]);
      const truth = tf.oneHot(tf.tensor1d(labels, 'int32'), classNames.length).toFloat();
      return this.step(x, truth as tf.Tensor2D);
    });
  }

  /** Updates the weights by the gradient of the batch's loss; returns the probabilities before the update. */
  private descend(x: tf.Tensor4D, truth: tf.Tensor2D): tf.Tensor2D {
    let probabilities: tf.Tensor2D | undefined;
    this.optimizer.minimize(
      () => {
        // minimize() disposes tensors that its function creates, unless they are kept.
        probabilities = tf.keep(this.model.apply(x, { training: true }) as tf.Tensor2D);
        return tf.neg(tf.mean(tf.log(tf.add(tf.sum(tf.mul(probabilities, truth), -1), PROBABILITY_FLOOR))));
      },
      false,
      [...this.variables],
    );
    return probabilities!;
  }

  private learningRateOf(epoch: number, step: number): number {
    const { learningRate, epochs } = this.options;
    return cosineDecay(learningRate, epoch * this.stepsPerEpoch + step, epochs * this.stepsPerEpoch);
  }

  /** Indices of the training images in a step's batch. */
  private batchOf(epoch: number, step: number): Uint32Array {
    const { batchSize } = this.options;
    return this.orderOf(epoch).subarray(step * batchSize, (step + 1) * batchSize);
  }

  private orderOf(epoch: number): Uint32Array {
    const known = this.orders.get(epoch);
    if (known) return known;
    const order = permutation(this.data.train.labels.length, new Random(this.options.seed, 'shuffle', epoch));
    // Batches are read ahead into the next epoch.
    for (const old of this.orders.keys()) if (old < epoch - 1) this.orders.delete(old);
    this.orders.set(epoch, order);
    return order;
  }
}

/** Activates the backend that takes the place of a lost one. */
async function startOther(name: string, { backend, message }: LostDeviceError): Promise<void> {
  if (name === backend || !(await tf.setBackend(name))) {
    throw rangeError('train', `onLost must return another backend that starts (${message})`, 'backend', name);
  }
}

function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable;
}

/** Learning rate multipliers of the weights that predict offsets, by their names. */
function offsetMultipliers(model: tf.LayersModel, factor: number): Record<string, number> {
  const weights = model.trainableWeights.filter(({ originalName }) => /\/offset_(kernel|bias)$/.test(originalName));
  return Object.fromEntries(weights.map(({ name }) => [name, factor]));
}
