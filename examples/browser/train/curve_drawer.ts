/** Draws the curves of a run by the package's own chart, not more often than they can be read. */
import { trainingCurves, type StepPoint } from 'tfjs-convolutions/plots';
import type { EpochRecord, TrainingState } from 'tfjs-convolutions/training';
import type { CurveLook } from './protocol.js';

/** Milliseconds between two pictures. */
const DRAW_EVERY = 1500;
/** Points of the thin line per epoch, at most. */
const POINTS_PER_EPOCH = 25;

export class CurveDrawer {
  private readonly steps: StepPoint[] = [];
  private before = { loss: 0, correct: 0, seen: 0 };
  private drawnAt = -Infinity;

  constructor(
    public look: CurveLook,
    private readonly show: (svg: string) => void,
  ) {}

  /** Takes note of a step: a point for every few of them, the mean of those alone. */
  step({ epoch, step, lossSum, correct, seen }: Readonly<TrainingState>, stepsPerEpoch: number): void {
    const every = Math.ceil(stepsPerEpoch / POINTS_PER_EPOCH);
    // The sums start anew with each epoch.
    if (step === 1) this.before = { loss: 0, correct: 0, seen: 0 };
    if (step % every !== 0) return;
    const { before } = this;
    const images = seen - before.seen;
    this.steps.push({
      epoch: epoch + step / stepsPerEpoch,
      loss: (lossSum - before.loss) / images,
      accuracy: (correct - before.correct) / images,
    });
    this.before = { loss: lossSum, correct, seen };
  }

  async draw(history: readonly EpochRecord[], { now = false } = {}): Promise<void> {
    if (history.length === 0 && this.steps.length < 2) return;
    if (!now && performance.now() - this.drawnAt < DRAW_EVERY) return;
    this.show(await trainingCurves(history, { ...this.look, steps: this.steps }));
    this.drawnAt = performance.now();
  }
}
