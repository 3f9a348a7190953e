/** The training of a run: one trainer for each phase, which differ in frozen layers and learning rate. */
import type * as tf from '@tensorflow/tfjs';
import { DEFAULT_AUGMENTATION } from '../training/augmentation.js';
import type { Checkpoint } from '../training/checkpoint.js';
import { isHistory } from '../training/checkpoint_header.js';
import type { SplitImages } from '../training/image_source.js';
import { Trainer, type EpochRecord, type TrainingState, type TrainOptions } from '../training/trainer.js';
import { parseAugment } from './augment_option.js';
import type { TrainCommandOptions } from './command_options.js';
import { freezeFor, phasesOf, type Phase } from './freezing.js';
import { recipeOf } from './recipe.js';
import { SCENES } from './scenes/load_digit_scenes.js';
import { sceneLoss } from './scenes/scene_network.js';

/** Phase of a run, and the history of those before; saved in checkpoints. */
export interface PhaseNotes {
  /** Index of the phase. */
  readonly phase: number;
  readonly earlier: readonly EpochRecord[];
}

const FIRST: PhaseNotes = { phase: 0, earlier: [] };

/** The phases of a run, one after the other. */
export class PhasedRun {
  /** Trainer of the current phase. */
  trainer: Trainer;
  /** Layers that the current phase trains, in words; undefined if the run does not start from a trained model. */
  trained: string | undefined;
  private readonly phases: readonly Phase[];
  private waited = 0;

  /** @param progress phase to begin with */
  constructor(
    readonly model: tf.LayersModel,
    readonly data: SplitImages,
    private readonly options: TrainCommandOptions,
    private progress: PhaseNotes = FIRST,
  ) {
    this.phases = phasesOf(options);
    this.trainer = this.begin();
  }

  /** Notes for the checkpoint. */
  get notes(): PhaseNotes {
    return this.progress;
  }

  /** Number of epochs before the current phase. */
  get start(): number {
    return this.phases[this.progress.phase]!.start;
  }

  /** Number of epochs of all phases. */
  get epochs(): number {
    return this.options.epochs;
  }

  /** One record per finished epoch of all phases. */
  get history(): EpochRecord[] {
    return [...this.progress.earlier, ...this.trainer.state.history.map((record) => this.counted(record))];
  }

  /** Seconds that steps have waited for images. */
  get secondsWaited(): number {
    return this.waited + this.trainer.secondsWaited;
  }

  /** The state or record of the current phase's trainer, with the number of its epoch in the run. */
  counted<T extends Pick<TrainingState, 'epoch'>>(record: T): T {
    return { ...record, epoch: record.epoch + this.start };
  }

  /** Begins the next phase; false after the last. */
  next(): boolean {
    if (this.progress.phase === this.phases.length - 1) return false;
    this.progress = { phase: this.progress.phase + 1, earlier: this.history };
    this.waited += this.trainer.secondsWaited;
    this.trainer.dispose();
    this.trainer = this.begin();
    return true;
  }

  private begin(): Trainer {
    const phase = this.phases[this.progress.phase]!;
    this.trained = this.options.from === undefined ? undefined : freezeFor(this.model, phase);
    const { epochs, learningRate, seed } = phase;
    return new Trainer(this.model, this.data, trainOptions({ ...this.options, epochs, learningRate, seed }, this.data));
  }
}

/** Options of the trainer of a phase. */
function trainOptions({ augmentation, ...options }: TrainCommandOptions, data: SplitImages): TrainOptions {
  const { epochs, batch: batchSize, learningRate, seed, memory } = options;
  return {
    ...{ epochs, batchSize, learningRate, seed, memory },
    augmentation:
      augmentation && (options.augment === undefined ? DEFAULT_AUGMENTATION : parseAugment(options.augment)),
    ...(options.data === SCENES && { loss: sceneLoss() }),
    ...recipeOf(options, data),
  };
}

/** The phase that a checkpoint was saved in: the first, if it does not say. */
export function phaseOf({ notes, file }: Checkpoint, options: TrainCommandOptions): PhaseNotes {
  const { phase = 0, earlier = [] } = (notes ?? {}) as { readonly phase?: unknown; readonly earlier?: unknown };
  const known = phasesOf(options)[phase as number];
  if (known !== undefined && isHistory(earlier) && earlier.length === known.start) {
    return { phase: phase as number, earlier };
  }
  throw new Error(`Cannot resume: the checkpoint must have been saved by 'train', received file = '${file}'`);
}
