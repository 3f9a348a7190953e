/** Callbacks of the shape of TensorFlow.js in a run of `Trainer`. */
import type * as tf from '@tensorflow/tfjs';
import { replaceMembers } from '../support/replace_members.js';
import type { EpochRecord } from './epoch_record.js';

type Logs = Readonly<Record<string, number>>;

/** A `tf.Callback`, `tf.CustomCallback` or the arguments of one; the run waits for each call. */
export interface TrainingCallback {
  setParams?(params: Record<string, unknown>): void;
  setModel?(model: unknown): void;
  onTrainBegin?(logs?: never): void | Promise<void>;
  onTrainEnd?(logs?: never): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: never): void | Promise<void>;
  onEpochEnd?(epoch: number, logs?: never): void | Promise<void>;
  onBatchBegin?(batch: number, logs?: never): void | Promise<void>;
  onBatchEnd?(batch: number, logs?: never): void | Promise<void>;
}

/** Calls callbacks in order. */
export class CallbackList {
  private restore: () => void = () => undefined;

  constructor(
    private readonly callbacks: readonly TrainingCallback[],
    private readonly model: tf.LayersModel,
  ) {}

  /** Starts a run; a callback can end it by `model.stopTraining = true`. */
  async begin(params: Record<string, unknown>): Promise<void> {
    if (this.callbacks.length === 0) return;
    // The accessor of a sequential model refuses to be set before it is compiled.
    this.restore = replaceMembers(this.model, { stopTraining: false });
    for (const callback of this.callbacks) {
      callback.setParams?.(params);
      callback.setModel?.(this.model);
      await callback.onTrainBegin?.();
    }
  }

  /** True if a callback has ended the run. */
  get isStopped(): boolean {
    return this.callbacks.length > 0 && this.model.stopTraining;
  }

  /** Leaves the model as it was before the run. */
  release(): void {
    this.restore();
    this.restore = () => undefined;
  }

  async end(): Promise<void> {
    for (const callback of this.callbacks) await callback.onTrainEnd?.();
  }

  async epochBegin(epoch: number): Promise<void> {
    for (const callback of this.callbacks) await callback.onEpochBegin?.(epoch, {} as never);
  }

  async batchBegin(batch: number): Promise<void> {
    for (const callback of this.callbacks) await callback.onBatchBegin?.(batch, { batch } as never);
  }

  async batchEnd(batch: number, size: number, loss: number): Promise<void> {
    for (const callback of this.callbacks) await callback.onBatchEnd?.(batch, { batch, size, loss } as never);
  }

  async epochEnd(epoch: number, record: EpochRecord): Promise<void> {
    for (const callback of this.callbacks) await callback.onEpochEnd?.(epoch, logsOf(record) as never);
  }
}

/** Names as `model.fit` with validation data gives them. */
function logsOf({ loss, accuracy, testLoss, testAccuracy, learningRate, metrics = {} }: EpochRecord): Logs {
  const others = Object.entries(metrics).map(([name, value]) => [`val_${name}`, value] as const);
  return {
    ...{ loss, acc: accuracy, val_loss: testLoss, val_acc: testAccuracy, lr: learningRate },
    ...Object.fromEntries(others),
  };
}
