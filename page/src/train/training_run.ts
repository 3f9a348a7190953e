/** A run in the worker: it can be paused and resumed, reports progress, and is stored in the browser every few seconds. */
import * as tf from '@tensorflow/tfjs';
import { DEFAULT_AUGMENTATION, encodeCheckpoint, Trainer, type SplitDataset } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import { messageOf } from '../shared/message_of.js';
import { CurveDrawer } from './curve_drawer.js';
import { Pace } from './pace.js';
import type { CurveLook, EpochRow, RunEnd, RunEvent, Settings } from './protocol.js';
import { keepState, type KeptState } from './run_store.js';

/** Milliseconds between two progress messages. */
const TELL_EVERY = 250;
/** Least milliseconds between two stored states. */
const KEEP_EVERY = 5000;
/** Largest fraction of the time to spend on storing: reading weights back from a GPU is slow. */
const KEEP_SHARE = 0.05;

export type Tell = (event: RunEvent) => void;

/** Parts of a run. */
export interface RunParts {
  readonly id: string;
  readonly title: string;
  readonly model: tf.LayersModel;
  readonly data: SplitDataset;
  readonly settings: Settings;
  readonly backend: BackendName;
}

export class TrainingRun {
  readonly trainer: Trainer;
  rows: EpochRow[] = [];
  private readonly pace: Pace;
  private readonly curves: CurveDrawer;
  private pausing: AbortController | undefined;
  private toldAt = 0;
  private keepAt = 0;

  constructor(
    readonly parts: RunParts,
    private readonly tell: Tell,
    look: CurveLook,
  ) {
    const { epochs, batchSize, learningRate, seed, augmentation } = parts.settings;
    this.trainer = new Trainer(parts.model, parts.data, {
      epochs,
      batchSize,
      learningRate,
      seed,
      augmentation: augmentation && DEFAULT_AUGMENTATION,
    });
    this.pace = new Pace(this.trainer);
    this.curves = new CurveDrawer(this.trainer.stepsPerEpoch, look, (svg) => {
      tell({ kind: 'curves', svg });
    });
  }

  /** Restores the epochs before a checkpoint. */
  recall(): void {
    const tensors = tf.memory().numTensors;
    this.rows = this.trainer.state.history.map((record) => ({ ...record, tensors }));
  }

  /** Trains until the end or until `pause()`. */
  async goOn(): Promise<RunEnd> {
    const { trainer } = this;
    const pausing = new AbortController();
    this.pausing = pausing;
    this.pace.begin();
    await this.curves.draw(trainer.state.history, { now: true });
    const finished = await trainer.run({
      signal: pausing.signal,
      onStep: async (state) => {
        const now = performance.now();
        this.pace.step(state);
        this.curves.step(state);
        if (now - this.toldAt < TELL_EVERY) return;
        this.tell({ kind: 'progress', progress: this.pace.progress(state) });
        this.toldAt = performance.now();
        await this.curves.draw(state.history);
        if (now > this.keepAt) await this.keep();
      },
      onEpoch: async (record) => {
        this.pace.epoch();
        const row = { ...record, tensors: tf.memory().numTensors };
        this.rows.push(row);
        this.tell({ kind: 'epoch', row });
        await this.curves.draw(trainer.state.history, { now: trainer.finished });
        await this.keep();
      },
    });
    this.tell({ kind: 'progress', progress: this.pace.progress(trainer.state) });
    await this.keep();
    return finished ? 'finished' : 'paused';
  }

  /** Stops between two steps. */
  pause(): void {
    this.pausing?.abort();
  }

  async look(look: CurveLook): Promise<void> {
    this.curves.look = look;
    await this.curves.draw(this.trainer.state.history, { now: true });
  }

  /** State that a later visit needs to resume from here. */
  async state(): Promise<KeptState> {
    const { id, title, backend, settings } = this.parts;
    const { epoch } = this.trainer.state;
    return {
      checkpoint: await encodeCheckpoint(this.trainer),
      summary: { id, title, backend, epoch, epochs: settings.epochs },
    };
  }

  dispose(): void {
    this.trainer.dispose();
    this.trainer.model.dispose();
  }

  private async keep(): Promise<void> {
    const started = performance.now();
    try {
      await keepState(await this.state());
    } catch (error) {
      this.tell({ kind: 'unsaved', reason: messageOf(error) });
    }
    const took = performance.now() - started;
    this.keepAt = performance.now() + Math.max(KEEP_EVERY, took / KEEP_SHARE);
  }
}
