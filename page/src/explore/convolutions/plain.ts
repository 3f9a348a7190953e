/** The plain convolution. */
import type { Convolution } from '../model/convolution.js';
import { slidingStage } from '../model/stage.js';
import {
  biasTerm,
  formula,
  INPUT_FIELDS,
  inputShapeOf,
  kernelSizeOf,
  lastOf,
  sizeFormula,
  slidingOptions,
  WINDOW_FIELDS,
  windowArgs,
} from './common.js';

export const plain: Convolution = {
  name: 'plain',
  title: 'Plain',
  purpose:
    'The building block of image networks: a small kernel slides over the input, and every output cell is the weighted sum of the cells under it, over all input channels.',
  mistake:
    'The output size needs the floor: where the stride does not fit, the last cells are not read, and the size is a whole number. Every output channel has a kernel for each input channel: 3 to 4 channels take 12 two-dimensional kernels, not 4.',
  fields: [...INPUT_FIELDS, 'filters', ...WINDOW_FIELDS, 'bias'],
  defaults: { channels: 3, filters: 2, stride: 2, padding: 'amount', dilation: 2 },
  examples: [
    {
      label: '(7, 7, 3), stride 2, padding 1, dilation 2 → (3, 3, 2)',
      set: { channels: 3, filters: 2, stride: 2, padding: 'amount', dilation: 2 },
    },
    { label: '(7, 7, 1), 4 kernels → (5, 5, 4)', set: { channels: 1, filters: 4 } },
    { label: '3 → 4 channels: 12 kernels', set: { channels: 3, filters: 4 } },
    { label: 'one kernel with bias: 10 parameters', set: { bias: 'yes' } },
  ],
  stages: (s) => [slidingStage('Kernel', slidingOptions(s), { inChannels: s.channels, filters: s.filters })],
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: [{ factory: 'conv2d', args: { filters: s.filters, ...windowArgs(s), paddingMode: s.mode } }],
  }),
  steps: (s) => [{ from: 0, layer: plain.network(s).layers[0]!, stages: [0], extra: [] }],
  formulas: (s, stages) => {
    const weights = [...kernelSizeOf(s), s.channels, s.filters];
    const { outputSize } = lastOf(stages);
    return {
      size: sizeFormula(s, outputSize),
      params: formula('K²CM', [weights, ...biasTerm(s, s.filters)]),
      macs: formula('K²CM · HW', [[...weights, ...outputSize]]),
    };
  },
};
