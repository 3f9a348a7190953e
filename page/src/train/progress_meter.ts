/** Estimates the speed of a run and the remaining time. */
import type { Trainer, TrainingState } from 'tfjs-convolutions/training';
import type { Progress } from './protocol.js';

/** Weight of the latest step in the moving average. */
const WEIGHT = 0.1;

export class ProgressMeter {
  /** Moving average of the seconds per step, including loading images, updating weights and reporting progress. */
  private stepSeconds: number | undefined;
  /** Seconds from the last step of an epoch to its end, for evaluating the test images. */
  private testSeconds = 0;
  private last = 0;

  constructor(private readonly trainer: Trainer) {}

  /** Starts the clock, or restarts it after a pause. */
  begin(): void {
    this.last = performance.now();
  }

  step({ step }: Readonly<TrainingState>): void {
    const seconds = this.lap();
    // The first step compiles shaders, so its time is not representative.
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
      fraction: done / all,
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
