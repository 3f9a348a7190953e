/** The depthwise separable convolution: depthwise, then pointwise. */
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

export const depthwiseSeparable: Convolution = {
  name: 'depthwise-separable',
  title: 'Depthwise separable',
  purpose:
    'Splits a plain convolution into two cheap steps: filter each channel separately, then mix the channels with a 1×1 convolution. Used in MobileNet and Xception. It takes MobileNetV1 from 4,866 to 569 million multiply-adds and from 29.3 to 4.2 million parameters, while top-1 accuracy drops from 71.7 to 70.6 %.',
  mistake: {
    said: 'It costs (K² + M) / (KM) of a plain convolution.',
    fact: 'It costs (K² + M) / (K²M) = 1/M + 1/K², about 1/9 for a 3×3 kernel. And the result has M channels, not one.',
    example: 'cost over plain = 1/8 + 1/9',
  },
  fields: [...INPUT_FIELDS, 'multiplier', 'filters', ...WINDOW_FIELDS, 'bias'],
  defaults: { channels: 3, filters: 8 },
  between: ['Middle'],
  acts: ['depthwise', 'pointwise'],
  examples: [
    { label: 'cost over plain = 1/8 + 1/9', set: { channels: 3, filters: 8 } },
    {
      label: 'MobileNet’s: same padding, stride 2',
      set: { height: 8, width: 8, channels: 4, filters: 8, padding: 'same', stride: 2 },
    },
  ],
  stages: (s) => {
    const middle = s.channels * s.multiplier;
    const first = slidingStage('Depthwise kernel', slidingOptions(s), {
      inChannels: s.channels,
      filters: middle,
      groups: s.channels,
    });
    const pointwise = { inputSize: first.outputSize, kernelSize: [1, 1] } as const;
    return [first, slidingStage('Pointwise kernel', pointwise, { inChannels: middle, filters: s.filters })];
  },
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: [
      {
        factory: 'depthwiseSeparableConv2d',
        args: { filters: s.filters, ...windowArgs(s), depthMultiplier: s.multiplier, paddingMode: s.mode },
      },
    ],
  }),
  steps: (s) => [
    {
      from: 0,
      layer: {
        factory: 'depthwiseConv2d',
        args: { ...windowArgs(s), useBias: false, depthMultiplier: s.multiplier, paddingMode: s.mode },
      },
      stages: [0],
      extra: [],
    },
    { from: 0, layer: depthwiseSeparable.network(s).layers[0]!, stages: [0, 1], extra: [] },
  ],
  peer: (s) => ({ title: plainTitle(s), network: plainNetwork(s, s.filters) }),
  formulas: (s, stages) => {
    const middle = s.channels * s.multiplier;
    const { outputSize } = lastOf(stages);
    const terms = [
      [...kernelSizeOf(s), middle],
      [middle, s.filters],
    ];
    const name = s.multiplier === 1 ? 'C' : 'C · multiplier ·';
    return {
      size: sizeFormula(s, outputSize),
      params: formula(`${name}(K² + M)`, [...terms, ...biasTerm(s, s.filters)]),
      macs: formula(
        `${name}HW(K² + M)`,
        terms.map((term) => [...term, ...outputSize]),
      ),
    };
  },
};
