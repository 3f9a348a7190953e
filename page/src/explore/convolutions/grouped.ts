/** The grouped convolution. */
import type { Convolution } from '../model/convolution.js';
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

export const grouped: Convolution = {
  name: 'grouped',
  title: 'Grouped',
  purpose:
    'Divides the channels into g groups that do not see each other, at 1/g of the cost. AlexNet did so to fit on two GPUs; ResNeXt and ShuffleNet do so to get more accuracy for the same cost.',
  mistake: {
    said: 'More groups are always better.',
    fact: 'Channels of different groups never mix, which hurts if the next layer has the same groups. That is why ShuffleNet shuffles the channels between its grouped layers.',
    example: '6 → 6 channels in 3 groups: a third of the cost',
  },
  fields: [...INPUT_FIELDS, 'filters', 'groups', ...WINDOW_FIELDS, 'bias'],
  defaults: { height: 5, width: 5, channels: 6, filters: 6, groups: 3 },
  examples: [
    {
      label: '6 → 6 channels in 3 groups: a third of the cost',
      set: { height: 5, width: 5, channels: 6, filters: 6, groups: 3 },
    },
    { label: 'g = C: depthwise', set: { height: 8, width: 8, channels: 3, filters: 3, groups: 3 } },
    { label: 'g = 1: plain', set: { height: 5, width: 5, channels: 6, filters: 6 } },
  ],
  stages: (s) => [
    slidingStage('Kernel', slidingOptions(s), { inChannels: s.channels, filters: s.filters, groups: s.groups }),
  ],
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: [
      {
        factory: 'groupedConv2d',
        args: { filters: s.filters, ...windowArgs(s), groups: s.groups, paddingMode: s.mode },
      },
    ],
  }),
  steps: (s) => [{ from: 0, layer: grouped.network(s).layers[0]!, stages: [0], extra: [] }],
  peer: (s) => ({ title: plainTitle(s), network: plainNetwork(s, s.filters) }),
  formulas: (s, stages) => {
    const weights = [...kernelSizeOf(s), s.channels / s.groups, s.filters];
    const { outputSize } = lastOf(stages);
    return {
      size: sizeFormula(s, outputSize),
      params: formula('K² (C / g) M', [weights, ...biasTerm(s, s.filters)]),
      macs: formula('K² (C / g) M · HW', [[...weights, ...outputSize]]),
    };
  },
};
