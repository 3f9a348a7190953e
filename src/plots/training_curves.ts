/** Loss and accuracy over the epochs of a training run. */
import { rangeError } from '../errors.js';
import type { EpochRecord } from '../training/trainer.js';
import { loadVega, PALETTE, THEME } from './vega.js';

const SERIES = ['training images', 'test images'] as const;
const PANEL = { width: 330, height: 230 } as const;

/** The part of an epoch's record that is drawn. */
export type CurvePoint = Pick<EpochRecord, 'epoch' | 'loss' | 'accuracy' | 'testLoss' | 'testAccuracy'>;

/**
 * Draws the loss and the accuracy of a training run, on training and on test images, side by side.
 *
 * @param history one record per epoch, as `Trainer` keeps them; at least one
 * @returns SVG text
 * @throws MissingPackageError if `vega`, `vega-lite` or
 * `vega-interpreter` is not installed
 * @example
 * ```ts
 * import { trainingCurves } from 'tfjs-convolutions/plots';
 *
 * const svg = await trainingCurves([{ epoch: 1, loss: 0.9, accuracy: 0.7, testLoss: 0.5, testAccuracy: 0.8 }]);
 * console.log(svg.startsWith('<svg')); // true
 * ```
 */
export async function trainingCurves(history: readonly CurvePoint[]): Promise<string> {
  if (history.length === 0) throw rangeError('draw training curves', 'there must be at least one epoch', 'epochs', 0);
  const draw = await loadVega();
  const values = history.flatMap(({ epoch, loss, accuracy, testLoss, testAccuracy }) => [
    { epoch, series: SERIES[0], loss, accuracy },
    { epoch, series: SERIES[1], loss: testLoss, accuracy: testAccuracy },
  ]);
  const last = history.at(-1)!;
  return draw({
    title: {
      text: `Test accuracy ${(last.testAccuracy * 100).toFixed(2)} % after ${last.epoch} ${last.epoch === 1 ? 'epoch' : 'epochs'}`,
      subtitle: 'training images: mean over the epoch, while the weights change; test images: after the epoch',
    },
    data: { values },
    hconcat: [
      panel('loss', 'Loss (mean cross-entropy)', '~g', history.length),
      panel('accuracy', 'Accuracy', '.0%', history.length),
    ],
    spacing: 40,
    config: THEME,
  });
}

function panel(field: 'loss' | 'accuracy', title: string, format: string, epochs: number): object {
  const colour = {
    field: 'series',
    scale: { domain: SERIES, range: [PALETTE.blue, PALETTE.vermillion] },
    legend: { title: null, orient: 'bottom', symbolSize: 80, columnPadding: 24 },
  };
  return {
    ...PANEL,
    title: { text: title, fontSize: 13, fontWeight: 'normal', offset: 6 },
    mark: { type: 'line', strokeWidth: 2, point: { size: 60, filled: true } },
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        title: 'epoch',
        scale: { domain: epochs > 1 ? [1, epochs] : [0.5, 1.5], nice: false },
        axis: { format: 'd', tickMinStep: 1, grid: false, labelFlush: false },
      },
      y: {
        field,
        type: 'quantitative',
        title: null,
        scale: { zero: false, nice: true },
        axis: { format, tickCount: 6 },
      },
      color: colour,
      shape: { ...colour, scale: { domain: SERIES, range: ['circle', 'diamond'] } },
      strokeDash: {
        ...colour,
        scale: {
          domain: SERIES,
          range: [
            [1, 0],
            [6, 3],
          ],
        },
      },
    },
  };
}
