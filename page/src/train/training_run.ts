/** A run in the worker: it can be paused and resumed, reports progress, and is stored in the browser every few seconds. */
import * as tf from '@tensorflow/tfjs';
import { DEFAULT_AUGMENTATION, encodeCheckpoint, Trainer, type SplitDataset } from 'tfjs-convolutions/training';
import { BackendLostError, type BackendName } from '../engine/backends.js';
import { messageOf } from '../shared/message_of.js';
import { CurveDrawer } from './curve_drawer.js';
import { ProgressMeter } from './progress_meter.js';
import { epochsBefore, type CurveStyle, type EpochRow, type RunEnd, type RunEvent } from './protocol.js';
import { saveState, type SavedRun, type SavedState } from './run_store.js';

/** Milliseconds between two progress messages. */
const REPORT_INTERVAL = 250;
/** Least milliseconds between two stored states. */
const SAVE_INTERVAL = 5000;
/** Largest fraction of the time to spend on storing: reading weights back from a GPU is slow. */
const SAVING_FRACTION = 0.05;

export type Report = (event: RunEvent) => void;

/** Parts of a run. */
export interface RunParts {
  /** The constant part, as it is stored. */
  readonly saved: SavedRun;
  readonly model: tf.LayersModel;
  readonly data: SplitDataset;
  /** The active backend. */
  readonly backend: BackendName;
  /** Resolves with the result of work, or rejects as soon as the backend is lost. */
  readonly unlessLost: <T>(work: Promise<T>) => Promise<T>;
  /** Starts another backend, when the graphics device is lost. */
  readonly replaceBackend: () => Promise<BackendName>;
}

export class TrainingRun {
  readonly trainer: Trainer;
  rows: EpochRow[] = [];
  /** Backend of the next step; it changes when a graphics device is lost. */
  backend: BackendName;
  private readonly meter: ProgressMeter;
  private readonly curves: CurveDrawer;
  private pausing: AbortController | undefined;
  private reportedAt = 0;
  private saveAt = 0;

  constructor(
    readonly parts: RunParts,
    private readonly report: Report,
    style: CurveStyle,
  ) {
    this.backend = parts.backend;
    const { epochs, batchSize, learningRate, seed, augmentation } = parts.saved.settings;
    this.trainer = new Trainer(parts.model, parts.data, {
      epochs,
      batchSize,
      learningRate,
      seed,
      augmentation: augmentation && DEFAULT_AUGMENTATION,
    });
    this.meter = new ProgressMeter(this.trainer);
    this.curves = new CurveDrawer(this.trainer.stepsPerEpoch, style, (svg) => {
      report({ kind: 'curves', svg });
    });
  }

  /** Restores the epochs before a checkpoint. */
  recall(): void {
    const tensors = tf.memory().numTensors;
    this.rows = this.trainer.state.history.map((record) => ({ ...record, tensors }));
  }

  /** Trains until the end or until `pause()`; on another backend if the graphics device is lost. */
  async train(): Promise<RunEnd> {
    const { trainer } = this;
    const pausing = new AbortController();
    this.pausing = pausing;
    this.meter.begin();
    await this.curves.draw(trainer.state.history, { now: true });
    const finished = await trainer.run({
      signal: pausing.signal,
      onStep: async (state) => {
        const now = performance.now();
        this.meter.step(state);
        this.curves.step(state);
        if (now - this.reportedAt < REPORT_INTERVAL) return;
        this.report({ kind: 'progress', progress: this.meter.progress(state) });
        this.reportedAt = performance.now();
        await this.curves.draw(state.history);
        if (now > this.saveAt) await this.save();
      },
      onEpoch: async (record) => {
        this.meter.epoch();
        const row = { ...record, tensors: tf.memory().numTensors };
        this.rows = [...epochsBefore(this.rows, row), row];
        this.report({ kind: 'epoch', row });
        await this.curves.draw(trainer.state.history, { now: trainer.finished });
        await this.save();
      },
      onLost: () => this.move(),
    });
    this.report({ kind: 'progress', progress: this.meter.progress(trainer.state) });
    await this.save();
    return finished ? 'finished' : 'paused';
  }

  /** Goes on elsewhere; steps since the state was last read back are taken again. */
  private async move(): Promise<BackendName> {
    const from = this.backend;
    this.backend = await this.parts.replaceBackend();
    this.report({ kind: 'moved', from, to: this.backend });
    return this.backend;
  }

  /** Stops between two steps. */
  pause(): void {
    this.pausing?.abort();
  }

  async restyle(style: CurveStyle): Promise<void> {
    this.curves.style = style;
    await this.curves.draw(this.trainer.state.history, { now: true });
  }

  /** State that a later visit needs to resume from here. */
  async state(): Promise<SavedState> {
    const { saved, unlessLost } = this.parts;
    const { id, title, settings } = saved;
    const { backend } = this;
    const { epoch } = this.trainer.state;
    return {
      checkpoint: await unlessLost(encodeCheckpoint(this.trainer)),
      summary: { id, title, backend, epoch, epochs: settings.epochs, changed: Date.now() },
    };
  }

  dispose(): void {
    this.trainer.dispose();
    this.trainer.model.dispose();
  }

  private async save(): Promise<void> {
    const started = performance.now();
    try {
      await saveState(await this.state());
    } catch (error) {
      // The next step notices it as well, and the run goes on elsewhere.
      if (error instanceof BackendLostError) return;
      this.report({ kind: 'unsaved', reason: messageOf(error) });
    }
    const took = performance.now() - started;
    this.saveAt = performance.now() + Math.max(SAVE_INTERVAL, took / SAVING_FRACTION);
  }
}
