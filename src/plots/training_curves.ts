/** Loss and accuracy over the epochs of a training run. */
import { checkBoolean, checkOneOf, isPlainObject, rangeError, typeError } from '../errors.js';
import type { EpochRecord } from '../training/trainer.js';
import { DARK_THEME, loadVega, PALETTE, THEME } from './vega.js';
import { checkList } from '../support/check_list.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

const SERIES = ['training images', 'test images'] as const;
const PANEL = { width: 330, height: 230 } as const;
/** Size of stacked panels, for narrow pages. */
const STACKED_PANEL = { width: 250, height: 170 } as const;

/** Plotted fields of an epoch's record. */
export type CurvePoint = Pick<EpochRecord, 'epoch' | 'loss' | 'accuracy' | 'testLoss' | 'testAccuracy'>;

/** Means over several steps of a run in progress. */
export interface StepPoint {
  /** Number of epochs completed, with a fraction: 1.5 in the middle of the second. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** The options of {@link trainingCurves}. */
export interface TrainingCurvesOptions {
  /**
   * Finer points of the training images, drawn as a thin line; with them a run can be drawn before its first epoch
   * ends. @default []
   */
  readonly steps?: readonly StepPoint[];
  /** Background and colours. @default 'light' */
  readonly theme?: 'light' | 'dark';
  /** Whether to stack the panels, for narrow pages. @default false */
  readonly stacked?: boolean;
}

const ACTION = 'draw training curves';
const OPTIONS = { steps: true, theme: true, stacked: true } as const satisfies OptionNames<TrainingCurvesOptions>;

/**
 * Draws the loss and accuracy of a training run on training and test images, side by side.
 *
 * @param history one record per epoch, as `Trainer` keeps them; at least one, or some steps
 * @param options steps, theme, layout; see {@link TrainingCurvesOptions}
 * @returns SVG text
 * @throws MissingPackageError if `vega`, `vega-lite` or `vega-interpreter` is not installed
 * @example
 * ```ts
 * import { trainingCurves } from 'tfjs-convolutions/plots';
 *
 * const svg = await trainingCurves([{ epoch: 1, loss: 0.9, accuracy: 0.7, testLoss: 0.5, testAccuracy: 0.8 }]);
 * console.log(svg.startsWith('<svg')); // true
 * ```
 */
export async function trainingCurves(
  history: readonly CurvePoint[],
  options: TrainingCurvesOptions = {},
): Promise<string> {
  checkOptions(ACTION, options, OPTIONS);
  checkList(ACTION, 'history', history, 'epochs');
  const steps = readSteps(options.steps ?? []);
  const theme = checkOneOf(ACTION, 'theme', options.theme ?? 'light', ['light', 'dark']);
  const stacked = checkBoolean(ACTION, 'stacked', options.stacked ?? false);
  if (history.length === 0 && steps.length === 0) {
    throw rangeError(ACTION, 'there must be at least one epoch', 'epochs', 0);
  }
  const draw = await loadVega();
  const values = history.flatMap(({ epoch, loss, accuracy, testLoss, testAccuracy }) => [
    { epoch, series: SERIES[0], loss, accuracy },
    { epoch, series: SERIES[1], loss: testLoss, accuracy: testAccuracy },
  ]);
  const domain = epochDomain(history, steps);
  const panels = [
    panel('loss', 'Loss (mean cross-entropy)', '~g', { domain, steps, theme, stacked }),
    panel('accuracy', 'Accuracy', '.0%', { domain, steps, theme, stacked }),
  ];
  return draw({
    title: titleOf(history, stacked),
    data: { values },
    ...(stacked ? { vconcat: panels, spacing: 24 } : { hconcat: panels, spacing: 40 }),
    config: theme === 'dark' ? DARK_THEME : THEME,
  });
}

function readSteps(steps: unknown): readonly StepPoint[] {
  if (!Array.isArray(steps)) throw typeError(ACTION, 'steps must be a list of points', 'steps', steps);
  steps.forEach((step: unknown, index) => {
    const point = (isPlainObject(step) ? step : {}) as Readonly<Record<string, unknown>>;
    if (['epoch', 'loss', 'accuracy'].every((name) => typeof point[name] === 'number')) return;
    throw typeError(ACTION, 'steps must be points {epoch, loss, accuracy}', `steps[${index}]`, step);
  });
  return steps as readonly StepPoint[];
}

/** Broken into short lines for narrow panels. */
function titleOf(history: readonly CurvePoint[], stacked: boolean): object {
  const last = history.at(-1);
  const found = last
    ? [
        `Test accuracy ${(last.testAccuracy * 100).toFixed(2)} %`,
        `after ${last.epoch} ${last.epoch === 1 ? 'epoch' : 'epochs'}`,
      ]
    : ['The first epoch'];
  return stacked
    ? { text: found, fontSize: 14, subtitle: ['training images: over the epoch', 'test images: after it'] }
    : {
        text: found.join(' '),
        subtitle: 'training images: mean over the epoch, while the weights change; test images: after the epoch',
      };
}

/** Range of epochs shown: whole ones if there are several. */
function epochDomain(history: readonly CurvePoint[], steps: readonly StepPoint[]): readonly [number, number] {
  if (steps.length > 0) return [0, Math.max(1, history.length, steps.at(-1)!.epoch)];
  return history.length > 1 ? [1, history.length] : [0.5, 1.5];
}

interface PanelOptions extends Required<TrainingCurvesOptions> {
  readonly domain: readonly [number, number];
}

function panel(
  field: 'loss' | 'accuracy',
  title: string,
  format: string,
  { domain, steps, theme, stacked }: PanelOptions,
): object {
  const colours = theme === 'dark' ? [PALETTE.skyBlue, PALETTE.orange] : [PALETTE.blue, PALETTE.vermillion];
  const colour = {
    field: 'series',
    scale: { domain: SERIES, range: colours },
    legend: { title: null, orient: 'bottom', symbolSize: 80, columnPadding: stacked ? 8 : 24 },
  };
  const x = {
    field: 'epoch',
    type: 'quantitative',
    title: 'epoch',
    scale: { domain, nice: false },
    axis: { format: 'd', tickMinStep: 1, grid: false, labelFlush: false },
  };
  const y = {
    field,
    type: 'quantitative',
    title: null,
    scale: { zero: false, nice: true },
    axis: { format, tickCount: stacked ? 4 : 6 },
  };
  const fine = {
    data: { values: steps },
    mark: { type: 'line', strokeWidth: 1, opacity: 0.7, color: colours[0] },
    encoding: { x, y },
  };
  const epochs = {
    mark: { type: 'line', strokeWidth: 2, point: { size: 60, filled: true } },
    encoding: {
      x,
      y,
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
  return {
    ...(stacked ? STACKED_PANEL : PANEL),
    title: { text: title, fontSize: 13, fontWeight: 'normal', offset: 6 },
    ...(steps.length > 0 ? { layer: [fine, epochs] } : epochs),
  };
}
