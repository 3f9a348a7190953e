/** The depthwise convolution. */
import type { Convolution } from '../model/convolution.js';
import type { Settings } from '../model/settings.js';
import { slidingStage } from '../model/stage.js';
import {
  biasTerm,
  formula,
  INPUT_FIELDS,
  inputShapeOf,
  kernelSizeOf,
  lastOf,
  plainNetwork,
  plainTitle,
  sizeFormula,
  slidingOptions,
  WINDOW_FIELDS,
  windowArgs,
} from './common.js';

const filtersOf = ({ channels, multiplier }: Settings): number => channels * multiplier;

export const depthwise: Convolution = {
  name: 'depthwise',
  title: 'Depthwise',
  purpose:
    'Filters each channel separately, at a fraction of the cost: the spatial half of a MobileNet block. It is a grouped convolution with as many groups as channels.',
  mistake: {
    said: 'It does the work of a plain convolution.',
    fact: 'It never adds across channels: C channels stay C (times the multiplier), each filtered by kernels of its own. To mix them, follow it with a 1×1 convolution.',
    example: 'two kernels for each channel',
  },
  fields: [...INPUT_FIELDS, 'multiplier', ...WINDOW_FIELDS, 'bias'],
  defaults: { height: 8, width: 8, channels: 3 },
  examples: [
    { label: '8×8×3 with 3 kernels 3×3', set: { height: 8, width: 8, channels: 3 } },
    { label: 'two kernels for each channel', set: { height: 8, width: 8, channels: 3, multiplier: 2 } },
  ],
  stages: (s) => [
    slidingStage('Kernel', slidingOptions(s), { inChannels: s.channels, filters: filtersOf(s), groups: s.channels }),
  ],
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: [
      {
        factory: 'depthwiseConv2d',
        args: { ...windowArgs(s), depthMultiplier: s.multiplier, paddingMode: s.mode },
      },
    ],
  }),
  steps: (s) => [{ from: 0, layer: depthwise.network(s).layers[0]!, stages: [0], extra: [] }],
  peer: (s) => ({ title: plainTitle(s), network: plainNetwork(s, filtersOf(s)) }),
  formulas: (s, stages) => {
    const weights = [...kernelSizeOf(s), s.channels, s.multiplier];
    const { outputSize } = lastOf(stages);
    return {
      size: sizeFormula(s, outputSize),
      params: formula('K²C · multiplier', [weights, ...biasTerm(s, filtersOf(s))]),
      macs: formula('K²C · multiplier · HW', [[...weights, ...outputSize]]),
    };
  },
};
