/** Draws the curves of a run with the package's own chart, at a readable rate. */
import { trainingCurves, type StepPoint } from 'tfjs-convolutions/plots';
import type { EpochRecord, TrainingState } from 'tfjs-convolutions/training';
import type { CurveStyle } from './protocol.js';

/** Milliseconds between two drawings. */
const DRAW_EVERY = 1500;
/** Most points per epoch of the thin line. */
const POINTS_PER_EPOCH = 25;
/** Most points of the thin line; if there are more, pairs of points are merged. */
const MOST_POINTS = 240;

/** Sums over some steps. */
interface Stretch {
  readonly steps: number;
  readonly lossSum: number;
  readonly correct: number;
  readonly seen: number;
}

const NOTHING: Stretch = { steps: 0, lossSum: 0, correct: 0, seen: 0 };

export class CurveDrawer {
  private points: StepPoint[] = [];
  /** Steps per point. */
  private every: number;
  private stretch = NOTHING;
  /** Sums of the epoch at the last recorded step. */
  private before = NOTHING;
  /** Epochs up to the last recorded step. */
  private reached = 0;
  private drawnAt = -Infinity;

  constructor(
    private readonly stepsPerEpoch: number,
    public style: CurveStyle,
    private readonly show: (svg: string) => void,
  ) {
    this.every = Math.ceil(stepsPerEpoch / POINTS_PER_EPOCH);
  }

  /** Records a step: every few steps give one point, their average. */
  step(state: Readonly<TrainingState>): void {
    const epoch = this.epochAt(state);
    const isAgain = epoch <= this.reached;
    this.reached = epoch;
    if (isAgain) this.forgetFrom(epoch);
    // The sums restart with each epoch, and those before a step that is taken again are unknown.
    if (state.step === 1) {
      this.before = NOTHING;
    } else if (isAgain) {
      this.before = { ...state, steps: 0 };
      return;
    }
    const { stretch, before } = this;
    this.stretch = {
      steps: stretch.steps + 1,
      lossSum: stretch.lossSum + state.lossSum - before.lossSum,
      correct: stretch.correct + state.correct - before.correct,
      seen: stretch.seen + state.seen - before.seen,
    };
    this.before = { ...state, steps: 0 };
    if (this.stretch.steps < this.every) return;
    const { lossSum, correct, seen } = this.stretch;
    this.points.push({ epoch, loss: lossSum / seen, accuracy: correct / seen });
    this.stretch = NOTHING;
    if (this.points.length > MOST_POINTS) this.thin();
  }

  async draw(history: readonly EpochRecord[], { now = false } = {}): Promise<void> {
    if (history.length === 0 && this.points.length < 2) return;
    if (!now && performance.now() - this.drawnAt < DRAW_EVERY) return;
    this.show(await trainingCurves(history, { ...this.style, steps: this.points }));
    this.drawnAt = performance.now();
  }

  /** Forgets the steps that are taken again after a lost graphics device. */
  private forgetFrom(first: number): void {
    this.stretch = NOTHING;
    this.points = this.points.filter(({ epoch }) => epoch < first);
  }

  private epochAt({ epoch, step }: Readonly<TrainingState>): number {
    return epoch + step / this.stepsPerEpoch;
  }

  private thin(): void {
    const { points } = this;
    this.every *= 2;
    this.points = points.flatMap((second, index) => {
      const first = points[index - 1];
      if (index % 2 === 0 || !first) return [];
      const mean = (a: number, b: number): number => (a + b) / 2;
      return [
        { epoch: second.epoch, loss: mean(first.loss, second.loss), accuracy: mean(first.accuracy, second.accuracy) },
      ];
    });
  }
}
