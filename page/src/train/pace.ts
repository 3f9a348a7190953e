/** How fast a run is and how long it will take. */
import type { Trainer, TrainingState } from 'tfjs-convolutions/training';
import type { Progress } from './protocol.js';

/** Share of the newest step in the running mean. */
const WEIGHT = 0.1;

export class Pace {
  /** Seconds of one step, a running mean of all of a step: its images, its weights, what was told of it. */
  private stepSeconds: number | undefined;
  /** Seconds from the last step of an epoch to its end: the test images. */
  private testSeconds = 0;
  private last = 0;

  constructor(private readonly trainer: Trainer) {}

  /** Now starts, or goes on after a pause. */
  begin(): void {
    this.last = performance.now();
  }

  step({ step }: Readonly<TrainingState>): void {
    const seconds = this.lap();
    // Shaders are compiled in the first step, which says nothing of the others.
    if (this.stepSeconds === undefined && step === 1 && this.trainer.stepsPerEpoch > 1) {
      this.stepSeconds = Infinity;
    } else {
      const mean = this.stepSeconds ?? Infinity;
      this.stepSeconds = mean === Infinity ? seconds : mean + WEIGHT * (seconds - mean);
    }
  }

  epoch(): void {
    this.testSeconds = this.lap();
  }

  progress({ epoch, step, lossSum, correct, seen, history }: Readonly<TrainingState>): Progress {
    const { options, stepsPerEpoch } = this.trainer;
    const done = epoch * stepsPerEpoch + step;
    const all = options.epochs * stepsPerEpoch;
    const last = history.at(-1);
    const stepSeconds = this.stepSeconds ?? Infinity;
    return {
      epoch: Math.min(epoch + 1, options.epochs),
      epochs: options.epochs,
      share: done / all,
      loss: seen > 0 ? lossSum / seen : (last?.loss ?? 0),
      accuracy: seen > 0 ? correct / seen : (last?.accuracy ?? 0),
      imagesPerSecond: stepSeconds === Infinity ? 0 : options.batchSize / stepSeconds,
      secondsLeft: done === all ? 0 : (all - done) * stepSeconds + (options.epochs - epoch) * this.testSeconds,
    };
  }

  private lap(): number {
    const now = performance.now();
    const seconds = (now - this.last) / 1000;
    this.last = now;
    return seconds;
  }
}
