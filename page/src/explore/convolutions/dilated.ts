/** Dilated convolutions, one or several in sequence. */
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution, Formula } from '../model/convolution.js';
import type { Settings } from '../model/settings.js';
import { slidingStage, type Stage } from '../model/stage.js';
import {
  biasTerm,
  formula,
  INPUT_FIELDS,
  inputShapeOf,
  inputSizeOf,
  kernelSizeOf,
  lastOf,
  sizeFormula,
  slidingOptions,
  windowArgs,
} from './common.js';

/** Dilation of every layer. */
export const dilationsOf = ({ stack, dilation, growth }: Settings): number[] =>
  Array.from({ length: stack }, (_, index) => (growth === 'same' ? dilation : dilation * 2 ** index));

const channelsOf = (s: Settings, index: number): number => (index === 0 ? s.channels : s.filters);

/** Receptive field [height, width] of one output cell. */
const viewOf = (s: Settings): Place => {
  const reach = dilationsOf(s).reduce((sum, rate) => sum + rate, 0);
  return [1 + (s.kernelHeight - 1) * reach, 1 + (s.kernelWidth - 1) * reach];
};

function sizeOf(s: Settings, stages: readonly Stage[]): Formula {
  if (stages.length === 1) return sizeFormula(s, stages[0]!.outputSize);
  const sizes = [inputSizeOf(s), ...stages.map(({ outputSize }) => outputSize)];
  return { symbols: 'layer by layer', numbers: sizes.map(([height, width]) => `${height} × ${width}`).join(' → ') };
}

export const dilated: Convolution = {
  name: 'dilated',
  title: 'Dilated',
  purpose:
    'Sees farther with the same number of weights, and at full resolution: the taps are spread apart. Used in DeepLab, RFB and real-time segmentation.',
  mistake: {
    said: 'A 3×3 kernel with dilation 2 covers 7×7.',
    fact: 'On its own it spans 5×5. The 7×7 in many figures is the receptive field of two layers, with dilations 1 and 2. Parameters and multiply-adds stay those of the undilated kernel. Layers with the same dilation skip the same cells (gridding): three out of four are never read.',
    example: 'dilation 2 alone spans 5×5',
  },
  fields: [
    ...INPUT_FIELDS,
    'filters',
    'kernelHeight',
    'kernelWidth',
    'stack',
    'growth',
    'dilation',
    'padding',
    'amount',
    'mode',
    'bias',
  ],
  defaults: { height: 9, width: 9, dilation: 2 },
  between: ['After layer 1', 'After layer 2'],
  examples: [
    {
      label: 'dilations 1, 2, 4: receptive field 3, 7, 15',
      set: { height: 15, width: 15, stack: 3, dilation: 1 },
    },
    {
      label: 'dilations 1, 2: a 7×7 view of 18 weights, not 49',
      set: { height: 7, width: 7, stack: 2, dilation: 1 },
    },
    { label: 'dilation 2 alone spans 5×5', set: { height: 7, width: 7, dilation: 2 } },
    {
      label: 'dilations 2, 2, 2: gridding',
      set: { height: 15, width: 15, stack: 3, dilation: 2, growth: 'same' },
    },
  ],
  stages: (s) => {
    let inputSize = inputSizeOf(s);
    return dilationsOf(s).map((dilations, index) => {
      const options = { ...slidingOptions(s), inputSize, dilations };
      const channels = { inChannels: channelsOf(s, index), filters: s.filters };
      const stage = slidingStage(s.stack === 1 ? 'Kernel' : `Kernel, dilation ${dilations}`, options, channels);
      inputSize = stage.outputSize;
      return stage;
    });
  },
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: dilationsOf(s).map((dilationRate) => ({
      factory: 'dilatedConv2d',
      args: { filters: s.filters, ...windowArgs(s), dilationRate, paddingMode: s.mode },
    })),
  }),
  steps: (s) => dilated.network(s).layers.map((layer, index) => ({ from: index, layer, stages: [index], extra: [] })),
  peer: (s, stages) => {
    const [height, width] = viewOf(s);
    const { outputSize } = lastOf(stages);
    return {
      title: `a plain ${height}×${width} kernel, which sees as far`,
      network: {
        inputShapes: [[outputSize[0], outputSize[1], s.channels]],
        layers: [
          {
            factory: 'conv2d',
            args: { filters: s.filters, kernelSize: [height, width], padding: 'same', useBias: s.bias === 'yes' },
          },
        ],
      },
    };
  },
  formulas: (s, stages) => {
    const layers = stages.map(({ outputSize }, index) => ({
      weights: [...kernelSizeOf(s), channelsOf(s, index), s.filters],
      outputSize,
    }));
    const sum = layers.length === 1 ? '' : ', of every layer';
    return {
      size: sizeOf(s, stages),
      params: formula(
        `K²CM${sum}`,
        layers.flatMap(({ weights }) => [weights, ...biasTerm(s, s.filters)]),
      ),
      macs: formula(
        `K²CM · HW${sum}`,
        layers.map(({ weights, outputSize }) => [...weights, ...outputSize]),
      ),
    };
  },
};
