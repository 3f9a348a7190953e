/** Display of progress: a bar on a terminal, plain lines elsewhere. */
import { PassThrough } from 'node:stream';
import { duration, percent } from '../../src/cli/format.js';
import { createProgress } from '../../src/cli/progress.js';
import type { EpochRecord, TrainingState } from '../../src/training/trainer.js';

const SIZE = { epochs: 2, stepsPerEpoch: 4 };
const RECORD: EpochRecord = {
  epoch: 1,
  loss: 1,
  accuracy: 0.5,
  testLoss: 0.75,
  testAccuracy: 0.625,
  learningRate: 0.1,
  seconds: 2,
};

function state(step: number): TrainingState {
  return { epoch: 0, step, lossSum: step * 8, correct: step * 4, seen: step * 8, seconds: step / 2, history: [] };
}

/** Output of a display for one epoch. */
function write(isTTY: boolean): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 });
  const progress = createProgress(SIZE, stream as unknown as NodeJS.WriteStream);
  for (let step = 1; step <= SIZE.stepsPerEpoch; step++) progress.step(state(step));
  progress.epoch(RECORD);
  progress.stop();
  return String(stream.read());
}

test('a terminal shows a bar with loss, accuracy, images/s and time left, then the test figures', () => {
  const output = write(true);
  expect(output).toContain('epoch 1/2 ████████████████████ 100 %  loss 1.000  accuracy 50.0 %  16 images/s');
  expect(output).toMatch(/\d+ s left/);
  expect(output).toMatch(/\n {2}after epoch 1: test loss 0\.750, test accuracy 62\.50 %\n$/);
});

test('output elsewhere is plain lines without control characters', () => {
  expect(write(false)).toMatch(
    /^epoch 1\/2 step 4\/4: loss 1\.000, accuracy 50\.0 %, 16 images\/s, \d+ s left\n {2}after epoch 1: [^\n]*\n$/,
  );
});

test('duration() and percent() format numbers for people', () => {
  expect([0.4, 59.6, 185, 7800].map(duration)).toEqual(['0 s', '1 min 00 s', '3 min 05 s', '2 h 10 min']);
  expect(percent(0.9745, 1)).toBe('97.5 %');
});
