/**
 * Trains a classifier, of images or of their pixels, with Adam, cosine decay and categorical cross-entropy. Everything random is a function of (seed,
 * epoch, index), so the state between two steps is small, and a resumed run gives the same result bit for bit on backends
 * with deterministic kernels (cpu and wasm).
 */
import * as tf from '@tensorflow/tfjs';
import { capture, type Captured } from '../capture/capture.js';
import { rangeError } from '../errors.js';
import { propagateFlags } from '../models/freeze.js';
import { LowMemory } from '../recompute/low_memory.js';
import { isMultiLabel, isStream, type TrainingData } from './batch_stream.js';
import { checkTrainingData } from './check_dataset.js';
import { cosineDecay } from './cosine_decay.js';
import { describe } from './description.js';
import type { Dataset } from './dataset.js';
import { checkFit, evaluate, PROBABILITY_FLOOR, scoreBatch, type Evaluation } from './evaluate.js';
import { Device, LostDeviceError } from './device.js';
import type { EpochRecord } from './epoch_record.js';
import { endsEarly, plateauFactor } from './early_stopping.js';
import { firstNotFinite, notFinite } from './finite_weights.js';
import { KeptState } from './kept_state.js';
import { binaryCrossentropy } from './losses/binary_crossentropy.js';
import { categoricalCrossentropy } from './losses/categorical_crossentropy.js';
import type { Loss } from './losses/loss.js';
import { nextTurn } from './next_turn.js';
import { Random } from './random.js';
import { scoreLabels } from './score_labels.js';
import { trainingBatch, type TrainingBatch } from './training_batch.js';
import { CallbackList } from './training_callbacks.js';
import { optimizerOf } from './training_parts.js';
import {
  checkHooks,
  checkTrainOptions,
  OFFSET_MULTIPLIER,
  type TrainingHooks,
  type TrainingState,
  type TrainOptions,
} from './train_options.js';
import { trainingBatches, type TrainingBatches } from './training_batches.js';
import { scheduledRate } from './update_options.js';
import type { VariableOptimizer } from './variable_optimizer.js';
import { withSeed } from './with_seed.js';

/**
 * Steps between two checks that all weights are finite. For a MobileNetV1 of width 0.25 on wasm, a check takes 1.4 ms and a
 * step with 32 images of 32×32 pixels 22 ms, so checks take 0.3 % of a run.
 */
const STEPS_PER_CHECK = 20;

export type { EpochRecord, TrainingHooks, TrainingState, TrainOptions };

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
  readonly optimizer: VariableOptimizer;
  state: TrainingState = { epoch: 0, step: 0, lossSum: 0, correct: 0, seen: 0, seconds: 0, history: [] };
  /** Seconds that steps have waited for images since the trainer was made. */
  secondsWaited = 0;
  /** Weights that the run trains. */
  readonly variables: readonly tf.Variable[];
  /** The step on one batch, which is recorded once and then replayed. */
  private readonly step: Captured<[tf.Tensor4D, tf.Tensor], tf.Tensor[]>;
  private readonly callbacks: CallbackList;
  /** Loss to minimize, unless it is the cross-entropy of one class for each image. */
  private readonly loss: Loss | undefined;
  private isStopped = false;
  /** State to go on from if the graphics device is lost. */
  private kept: KeptState<TrainingState> | undefined;
  private readonly batches: TrainingBatches;

  /**
   * @param model classifier [batch, height, width, channels] → softmax [batch, classes], or [batch, height, width, classes]
   * for data with masks; sigmoid in place of softmax if images may have several labels; it is trained in place
   * @param data training and test images, in memory or read when they are needed (`loadImages`); for training also a stream of
   * batches, such as a `tf.data.Dataset` (`BatchStream`)
   * @param options epochs, batch size, learning rate, seed and augmentation
   * @throws TypeError or RangeError if an option is unknown or out of range, or the data does not fit the model
   */
  constructor(
    readonly model: tf.LayersModel,
    readonly data: TrainingData,
    readonly options: TrainOptions,
  ) {
    checkTrainOptions(options);
    const { offsetLearningRateMultiplier: offsetRate = OFFSET_MULTIPLIER, memory } = options;
    checkTrainingData('train', data);
    checkFit('train', model, data.train);
    checkFit('train', model, data.test);
    this.optimizer = optimizerOf('train', options.optimizer, {
      learningRate: options.learningRate,
      multipliers: offsetMultipliers(model, offsetRate),
    });
    this.loss = lossOf(data.train, options);
    this.callbacks = new CallbackList(options.callbacks ?? [], model);
    this.batches = trainingBatches(data.train, options);
    this.stepsPerEpoch = this.batches.stepsPerEpoch;
    // In a model frozen by the host's flag alone, batch normalisation would keep updating its moving averages.
    propagateFlags(model);
    this.variables = model.trainableWeights.map((weight) => weight.read()).filter(isVariable);
    if (this.variables.length === 0) throw rangeError('train', 'the model must have trainable weights', 'weights', 0);
    const low = memory === 'low' ? new LowMemory('train', model) : undefined;
    this.step = capture((x: tf.Tensor4D, truth: tf.Tensor) => {
      const step = (): tf.Tensor[] => this.descend(x, truth);
      return low ? low.run(step) : step();
    });
  }

  /** True once all epochs are done, or the run has ended early. */
  get finished(): boolean {
    const { epoch, history } = this.state;
    return epoch >= this.options.epochs || this.isStopped || endsEarly(history, this.options);
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
    checkHooks(hooks);
    const { epochs, batchSize } = this.options;
    this.isStopped = false;
    try {
      await this.callbacks.begin({ epochs, batchSize, steps: this.stepsPerEpoch });
      const isFinished = await this.trainOnDevices(hooks);
      await this.callbacks.end();
      return isFinished;
    } finally {
      this.callbacks.release();
    }
  }

  /** Trains, and goes on with another device where one is lost. */
  private async trainOnDevices(hooks: TrainingHooks): Promise<boolean> {
    for (;;) {
      try {
        return await this.train(hooks, new Device('train'));
      } catch (error) {
        if (!(error instanceof LostDeviceError) || !hooks.onLost || !this.kept) throw error;
        await startOther(await hooks.onLost(error), error);
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
      if (this.state.step === 0) await this.callbacks.epochBegin(this.state.epoch);
      while (this.state.step < this.stepsPerEpoch) {
        // Yields to the event loop, so that a signal (Ctrl-C) is noticed between two steps.
        await nextTurn();
        if (signal?.aborted) return false;
        const { step: batch, seen: before, lossSum: lossBefore } = this.state;
        await this.callbacks.batchBegin(batch);
        await device.use(() => this.trainStep());
        const size = this.state.seen - before;
        await this.callbacks.batchEnd(batch, size, (this.state.lossSum - lossBefore) / size);
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
        ...(test.metrics && { metrics: test.metrics }),
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
      await this.callbacks.epochEnd(epoch, record);
      this.isStopped = this.callbacks.isStopped;
    }
    this.optimizer.finalizeVariableValues();
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
      const { metrics } = this.options;
      // The outputs of a segmentation are as large as its images, so that a batch must not be larger than those of the steps.
      const batchSize = this.data.test.masks && { batchSize: this.options.batchSize };
      const options = { ...(signal && { signal }), ...(metrics && { metrics }), ...batchSize };
      return await this.optimizer.withAverages(() => evaluate(this.model, this.data.test, options));
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    }
  }

  /** Runs one step: the next batch of the epoch, its gradients, an update by Adam. */
  private async trainStep(): Promise<void> {
    const started = performance.now();
    const { epoch, step } = this.state;
    const taken = await this.batches.take(epoch, step);
    this.secondsWaited += (performance.now() - started) / 1000;
    this.optimizer.learningRate = this.learningRateOf(epoch, step);

    const { batch, numbers } = taken;
    const { labels, classNames } = batch;
    const { seed, augmentation } = this.options;
    const prepared = trainingBatch(batch, { augmentation, seed, epoch, step, numbers });
    const results = withSeed(new Random(seed, 'step', epoch, step), () => this.runStep(prepared, batch));
    const [values, loss] = await Promise.all(results.map((tensor) => tensor.data()));
    tf.dispose(results);
    const { multiHot, classes } = prepared;
    const result = multiHot
      ? { ...scoreLabels(values!, multiHot, classNames.length), counted: labels.length }
      : scoreBatch(values!, classes, classNames.length);
    // In masks, an image counts as the mean over its positions.
    const perImage = labels.length / Math.max(result.counted, 1);
    const lossSum = loss ? loss[0]! * labels.length : result.lossSum * perImage;
    if (!Number.isFinite(lossSum)) {
      throw rangeError('train', 'the loss must stay finite (try a smaller learning rate)', 'loss', lossSum);
    }

    this.state.lossSum += lossSum;
    this.state.correct += result.correct * perImage;
    this.state.seen += labels.length;
    this.state.seconds += (performance.now() - started) / 1000;
    this.state.step++;
  }

  /** Runs the step on a batch; returns the probabilities before the update, and the value of a loss of its own. */
  private runStep({ pixels, truth, truthShape }: TrainingBatch, batch: Dataset): tf.Tensor[] {
    const { labels, height, width, channels } = batch;
    return tf.tidy(() => {
      const x = tf.tensor4d(pixels, [labels.length, height, width, channels]);
      return this.step(x, tf.tensor(truth, [...truthShape]));
    });
  }

  /**
   * Updates the weights by the gradient of the batch's loss; returns the probabilities before the update, and the value of a
   * loss of its own.
   */
  private descend(x: tf.Tensor4D, truth: tf.Tensor): tf.Tensor[] {
    const { loss } = this;
    let probabilities: tf.Tensor | undefined;
    const cost = this.optimizer.minimize(
      () => {
        // minimize() disposes tensors that its function creates, unless they are kept.
        probabilities = tf.keep(this.model.apply(x, { training: true }) as tf.Tensor);
        if (loss) return meanOverClasses(loss(truth, probabilities), truth);
        const ofTruth = tf.sum(tf.mul(probabilities, truth), -1);
        return tf.neg(meanOverClasses(tf.log(tf.add(ofTruth, PROBABILITY_FLOOR)), truth));
      },
      loss !== undefined,
      [...this.variables],
    );
    return [probabilities!, ...(cost ? [cost] : [])];
  }

  private learningRateOf(epoch: number, step: number): number {
    const { learningRate, epochs, schedule, plateau } = this.options;
    const index = epoch * this.stepsPerEpoch + step;
    const rate = schedule
      ? scheduledRate('train', schedule, index)
      : cosineDecay(learningRate, index, epochs * this.stepsPerEpoch);
    return plateau ? rate * plateauFactor(this.state.history, plateau) : rate;
  }
}

/**
 * Loss of a run, if it is not the cross-entropy of one class: labels are no longer one class where images have several or are
 * mixed.
 */
function lossOf(train: TrainingData['train'], { loss, augmentation }: TrainOptions): Loss | undefined {
  if (isMultiLabel(train)) return lossOfLabels(loss);
  const { mixup = 0, cutmix = 0 } = augmentation || {};
  if (mixup === 0 && cutmix === 0) return loss;
  const masks = isStream(train) ? undefined : train.masks;
  if (masks) {
    throw rangeError('train', 'images with masks cannot be mixed', mixup > 0 ? 'mixup' : 'cutmix', mixup || cutmix);
  }
  return loss ?? categoricalCrossentropy();
}

/** Loss of images with several labels. */
function lossOfLabels(loss: Loss | undefined): Loss {
  const { name } = (loss === undefined ? {} : describe(loss)) as { readonly name?: string };
  if (name?.startsWith('categorical') !== true) return loss ?? binaryCrossentropy();
  throw rangeError('train', 'images with several labels need a loss of each, such as binaryCrossentropy', 'loss', name);
}

/** Mean of a loss over the images or, if it has one for each position of masks, over the positions that have a class. */
function meanOverClasses(loss: tf.Tensor, truth: tf.Tensor): tf.Scalar {
  if (truth.rank === 2 || loss.rank !== truth.rank - 1) return tf.mean(loss);
  const known = tf.sum(truth, -1);
  return tf.div(tf.sum(tf.mul(loss, known)), tf.maximum(tf.sum(known), 1));
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
