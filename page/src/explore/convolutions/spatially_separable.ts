/** The spatially separable convolution: a column of taps, then a row of them. */
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution } from '../model/convolution.js';
import type { LayerSpec } from '../model/question.js';
import type { Settings } from '../model/settings.js';
import { slidingStage } from '../model/stage.js';
import {
  biasTerm,
  formula,
  INPUT_FIELDS,
  inputShapeOf,
  inputSizeOf,
  lastOf,
  paddingOf,
  plainNetwork,
  plainTitle,
  sizeFormula,
  windowArgs,
} from './common.js';

/** Window along one axis; 0 is the column. */
function axisWindow(s: Settings, axis: number) {
  const along = <T>(value: T, otherwise: T): readonly [T, T] => (axis === 0 ? [value, otherwise] : [otherwise, value]);
  const none = [0, 0] as const;
  const padding = paddingOf(s);
  return {
    kernelSize: along([s.kernelHeight, s.kernelWidth][axis]!, 1),
    strides: along(s.stride, 1),
    dilations: along(s.dilation, 1),
    padding: typeof padding === 'number' ? along<readonly [number, number]>([padding, padding], none) : padding,
    paddingMode: s.mode,
  };
}

const axesOf = ({ order }: Settings): readonly [number, number] => (order === 'verticalFirst' ? [0, 1] : [1, 0]);

const TITLES = ['Column kernel', 'Row kernel'] as const;

/** The first half as a separate layer, for the numbers between the halves. */
function firstHalf(s: Settings): LayerSpec {
  const { dilations, ...window } = axisWindow(s, axesOf(s)[0]);
  return { factory: 'conv2d', args: { filters: s.rank, ...window, dilationRate: dilations, useBias: false } };
}

export const spatiallySeparable: Convolution = {
  name: 'spatially-separable',
  title: 'Spatially separable',
  purpose:
    'Splits a kernel into a column and a row, which together cost less than the square. Used in Inception and RFB-a.',
  mistake: {
    said: 'Any kernel can be split into a column and a row.',
    fact: 'Only kernels of rank 1 can, such as Sobel’s or a Gaussian. A general k×k kernel has rank k, and fewer channels in between only approximate it. Networks do not split a trained kernel anyway: they train the two halves.',
    example: 'Sobel = [1 2 1]ᵀ · [−1 0 1]: 6 multiplications, not 9',
  },
  fields: [
    ...INPUT_FIELDS,
    'rank',
    'filters',
    'kernelHeight',
    'kernelWidth',
    'order',
    'stride',
    'padding',
    'amount',
    'mode',
    'dilation',
    'kernel',
    'bias',
  ],
  defaults: { kernel: 'sobel' },
  between: ['Middle'],
  acts: ['first kernel', 'second kernel'],
  examples: [
    { label: 'Sobel = [1 2 1]ᵀ · [−1 0 1]: 6 multiplications, not 9', set: { kernel: 'sobel' } },
    { label: '2 → 2 channels over 1 in between', set: { channels: 2, filters: 2, rank: 1 } },
    {
      label: '7×7 over 2, as in Inception',
      set: {
        height: 13,
        width: 13,
        channels: 2,
        filters: 2,
        rank: 2,
        kernelHeight: 7,
        kernelWidth: 7,
        padding: 'same',
      },
    },
  ],
  stages: (s) => {
    const [first, second] = axesOf(s);
    const half = (inputSize: Place, axis: number, inChannels: number, filters: number) =>
      slidingStage(TITLES[axis]!, { ...axisWindow(s, axis), inputSize }, { inChannels, filters });
    const before = half(inputSizeOf(s), first, s.channels, s.rank);
    return [before, half(before.outputSize, second, s.rank, s.filters)];
  },
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: [
      {
        factory: 'spatiallySeparableConv2d',
        args: { filters: s.filters, ...windowArgs(s), rank: s.rank, order: s.order, paddingMode: s.mode },
      },
    ],
  }),
  steps: (s) => [
    { from: 0, layer: firstHalf(s), stages: [0], extra: [] },
    { from: 0, layer: spatiallySeparable.network(s).layers[0]!, stages: [0, 1], extra: [] },
  ],
  peer: (s) => ({ title: plainTitle(s), network: plainNetwork(s, s.filters) }),
  formulas: (s, stages) => {
    const taps = axesOf(s).map((axis) => [s.kernelHeight, s.kernelWidth][axis]!);
    const terms = [
      [taps[0]!, s.channels, s.rank],
      [taps[1]!, s.rank, s.filters],
    ];
    return {
      size: sizeFormula(s, lastOf(stages).outputSize),
      params: formula('KR(C + M)', [...terms, ...biasTerm(s, s.filters)]),
      macs: formula(
        'KR(C · middle positions + M · HW)',
        terms.map((term, index) => [...term, ...stages[index]!.outputSize]),
      ),
    };
  },
};
