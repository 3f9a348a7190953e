/** Rows of `tfjs-convolutions/plots`. */
import type * as conv from '../../../src/index.js';
import * as plots from '../../../src/plots/index.js';
import { boolean, count, list, oneOf, required, word, type Kind } from '../kinds.js';
import { row, type Row } from '../row.js';

const POINT = { epoch: 1, loss: 1, accuracy: 0.5, testLoss: 1, testAccuracy: 0.5 };
const NOTHING: conv.SamplingLocations = {
  layer: 'none',
  through: ['none'],
  imageSize: [1, 1],
  outputSize: [1, 1],
  kernelSize: [1, 1],
  tapSpacing: [0, 0],
  offsetGroups: 1,
  images: [],
};
const step: Kind = { bad: () => [null, 5, 'text', {}, [], { epoch: 1 }, { epoch: '1', loss: 1, accuracy: 1 }] };
const values: Kind = {
  bad: () => [null, 5, NaN, 'text', true, {}, [], [1], ['1', '2'], new Float32Array(1), [1, NaN]],
};

export const PLOT_ROWS: readonly Row[] = [
  row<plots.Pixels>(
    'plots/pngDataUrl',
    (options) => plots.pngDataUrl(options),
    { values: required(values), height: required(count), width: required(count), channels: required(oneOf(1, 3)) },
    { values: [1, 2], height: 1, width: 2, channels: 1 },
  ),
  row<plots.TrainingCurvesOptions>('plots/trainingCurves', (options) => plots.trainingCurves([POINT], options), {
    steps: list(step, { epoch: 1, loss: 1, accuracy: 1 }),
    theme: word('light', 'dark'),
    stacked: boolean,
  }),
  row<plots.SamplingPlotOptions>('plots/samplingPlot', (options) => plots.samplingPlot(NOTHING, [], options), {
    hull: boolean,
    plainGrid: boolean,
  }),
];
