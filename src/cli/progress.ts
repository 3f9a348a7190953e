/** Progress of a run: one bar per epoch on a terminal, plain lines elsewhere. */
import { SingleBar } from 'cli-progress';
import type { EpochRecord, TrainingState } from '../training/trainer.js';
import { duration, percent } from './format.js';

/** Display of a run's progress. */
export interface Progress {
  /** Called after every step. */
  step(state: Readonly<TrainingState>): void;
  /** Called after every epoch. */
  epoch(record: EpochRecord): void;
  /** Ends the display and leaves the terminal in a clean state. */
  stop(): void;
}

/** Length of a run. */
export interface ProgressSize {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** Seconds between two lines within an epoch. */
const LINE_INTERVAL = 15;

/** Creates a progress display: bars on a terminal, lines elsewhere. */
export function createProgress(size: ProgressSize, stream: NodeJS.WriteStream = process.stdout): Progress {
  return stream.isTTY ? new BarProgress(size, stream) : new LineProgress(size, stream);
}

/** Loss, accuracy, speed and remaining time as text. */
class Figures {
  private steps = 0;
  private readonly started = performance.now();

  constructor(private readonly size: ProgressSize) {}

  after(state: Readonly<TrainingState>): { loss: string; accuracy: string; speed: string; left: string } {
    this.steps++;
    const done = state.epoch * this.size.stepsPerEpoch + state.step;
    const total = this.size.epochs * this.size.stepsPerEpoch;
    const secondsPerStep = (performance.now() - this.started) / 1000 / this.steps;
    return {
      loss: (state.lossSum / state.seen).toFixed(3),
      accuracy: percent(state.correct / state.seen, 1),
      speed: `${Math.round(state.seen / state.seconds)} images/s`,
      left: `${duration((total - done) * secondsPerStep)} left`,
    };
  }
}

class BarProgress implements Progress {
  private readonly figures: Figures;
  private bar: SingleBar | undefined;

  constructor(
    private readonly size: ProgressSize,
    private readonly stream: NodeJS.WriteStream,
  ) {
    this.figures = new Figures(size);
  }

  step(state: Readonly<TrainingState>): void {
    const payload = this.figures.after(state);
    this.bar ??= this.start(state);
    this.bar.update(state.step, payload);
  }

  epoch(record: EpochRecord): void {
    this.stop();
    this.stream.write(`${testLine(record)}\n`);
  }

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private start(state: Readonly<TrainingState>): SingleBar {
    const bar = new SingleBar({
      stream: this.stream,
      format: `epoch ${state.epoch + 1}/${this.size.epochs} {bar} {percentage} %  loss {loss}  accuracy {accuracy}  {speed}  {left}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 20,
      // The program handles Ctrl-C itself, after the current step.
      gracefulExit: false,
    });
    bar.start(this.size.stepsPerEpoch, state.step, { loss: '-', accuracy: '-', speed: '-', left: '-' });
    return bar;
  }
}

class LineProgress implements Progress {
  private readonly figures: Figures;
  private last = performance.now();

  constructor(
    private readonly size: ProgressSize,
    private readonly stream: NodeJS.WriteStream,
  ) {
    this.figures = new Figures(size);
  }

  step(state: Readonly<TrainingState>): void {
    const { loss, accuracy, speed, left } = this.figures.after(state);
    const isEpochEnd = state.step === this.size.stepsPerEpoch;
    if (!isEpochEnd && performance.now() - this.last < LINE_INTERVAL * 1000) return;
    this.last = performance.now();
    const position = `epoch ${state.epoch + 1}/${this.size.epochs} step ${state.step}/${this.size.stepsPerEpoch}`;
    this.stream.write(`${position}: loss ${loss}, accuracy ${accuracy}, ${speed}, ${left}\n`);
  }

  epoch(record: EpochRecord): void {
    this.stream.write(`${testLine(record)}\n`);
  }

  stop(): void {
    // Plain lines need no cleanup.
  }
}

function testLine({ epoch, testLoss, testAccuracy }: EpochRecord): string {
  return `  after epoch ${epoch}: test loss ${testLoss.toFixed(3)}, test accuracy ${percent(testAccuracy, 2)}`;
}
