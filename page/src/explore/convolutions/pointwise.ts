/** The pointwise convolution. */
import type { Convolution } from '../model/convolution.js';
import type { Settings } from '../model/settings.js';
import { slidingStage } from '../model/stage.js';
import {
  biasTerm,
  formula,
  INPUT_FIELDS,
  inputShapeOf,
  lastOf,
  plainNetwork,
  sizeFormula,
  slidingOptions,
} from './common.js';

/** Settings without those that the layer does not have, but an address or a comparison can. */
const only = (s: Settings): Settings => ({ ...s, kernelHeight: 1, kernelWidth: 1, padding: 'valid' });

export const pointwise: Convolution = {
  name: 'pointwise',
  title: 'Pointwise (1×1)',
  purpose:
    'Changes the number of channels. At each position, every output channel is a weighted sum of the input channels. Used in Inception, Xception, SqueezeNet and MobileNet.',
  mistake: {
    said: 'A 1×1 convolution reduces the number of channels.',
    fact: 'It increases it just as often: the blocks of MobileNetV2 start by widening six times. It reads a single position, so it sees nothing of the neighbourhood.',
    example: '2 channels → 6',
  },
  fields: [...INPUT_FIELDS, 'filters', 'stride', 'bias'],
  defaults: { height: 5, width: 5, channels: 3, filters: 4, kernelHeight: 1, kernelWidth: 1 },
  examples: [
    {
      label: '6 channels → 2',
      set: { height: 5, width: 5, channels: 6, filters: 2, kernelHeight: 1, kernelWidth: 1 },
    },
    {
      label: '2 channels → 6',
      set: { height: 5, width: 5, channels: 2, filters: 6, kernelHeight: 1, kernelWidth: 1 },
    },
  ],
  stages: (s) => [slidingStage('Kernel', slidingOptions(only(s)), { inChannels: s.channels, filters: s.filters })],
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: [
      {
        factory: 'pointwiseConv2d',
        args: { filters: s.filters, strides: s.stride, useBias: s.bias === 'yes' },
      },
    ],
  }),
  steps: (s) => [{ from: 0, layer: pointwise.network(s).layers[0]!, stages: [0], extra: [] }],
  peer: (s) => ({
    title: 'a plain 3×3 convolution',
    network: plainNetwork({ ...s, kernelHeight: 3, kernelWidth: 3, padding: 'amount', amount: 1 }, s.filters),
  }),
  formulas: (s, stages) => {
    const { outputSize } = lastOf(stages);
    return {
      size: sizeFormula(only(s), outputSize),
      params: formula('CM', [[s.channels, s.filters], ...biasTerm(s, s.filters)]),
      macs: formula('CM · HW', [[s.channels, s.filters, ...outputSize]]),
    };
  },
};
