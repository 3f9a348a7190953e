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

/** A small photograph, and the edges in it. */
const OPENING = { height: 16, width: 16, image: 'photo', preset: 'sobel' } as const;

export const plain: Convolution = {
  name: 'plain',
  title: 'Plain',
  purpose:
    'The building block of image networks. A small kernel slides over the input; every output cell is the weighted sum of the cells under it, over all input channels.',
  mistake: {
    said: 'The output size is (I + 2p − K) / s + 1, and M output channels take M kernels.',
    fact: 'The division is rounded down: if the stride does not fit, the last cells are never read. And every output channel has a two-dimensional kernel for each input channel, so going from 3 to 4 channels takes 12 of them.',
    example: '3 → 4 channels: 12 kernels',
  },
  fields: [...INPUT_FIELDS, 'filters', ...WINDOW_FIELDS, 'bias'],
  defaults: OPENING,
  examples: [
    { label: 'Sobel over a photograph', set: OPENING },
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
