/** The transposed convolution. */
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution, Formula } from '../model/convolution.js';
import type { Settings } from '../model/settings.js';
import { transposedStage } from '../model/stage.js';
import {
  biasTerm,
  formula,
  INPUT_FIELDS,
  inputShapeOf,
  inputSizeOf,
  kernelSizeOf,
  lastOf,
  windowArgs,
  zeroPaddedOptions,
} from './common.js';

/** Output padding; with a padding mode, 0 leaves it to the layer. */
const outputPaddingOf = ({ padding, outputPadding }: Settings): { outputPadding?: number } =>
  padding === 'amount' || outputPadding > 0 ? { outputPadding } : {};

function sizeOf(s: Settings, [outHeight, outWidth]: Place): Formula {
  const { stride, dilation, amount, outputPadding, padding } = s;
  if (padding !== 'amount' || dilation > 1) {
    const symbols = { same: 'I · s', valid: '(I − 1)s + max(k̂, s)', amount: '(I − 1)s − 2p + k̂ + output padding' }[
      padding
    ];
    return {
      symbols: `${symbols}${padding === 'same' ? '' : ' with k̂ = (K − 1)d + 1'}`,
      numbers: `${outHeight} × ${outWidth}`,
    };
  }
  const axis = (size: number, kernel: number, out: number): string =>
    `(${size} − 1) · ${stride} − 2 · ${amount} + ${kernel}${outputPadding > 0 ? ` + ${outputPadding}` : ''} = ${out}`;
  const numbers = [axis(s.height, s.kernelHeight, outHeight), axis(s.width, s.kernelWidth, outWidth)];
  return { symbols: '(I − 1)s − 2p + K + output padding', numbers: [...new Set(numbers)].join(' and ') };
}

/** With these, every output is the number of its products. */
const ONES = { image: 'ones', preset: 'ones' } as const;

export const transposed: Convolution = {
  name: 'transposed',
  title: 'Transposed',
  purpose:
    'Enlarges: every input cell spreads the kernel over the output. Used in autoencoders, U-Nets and super-resolution, where the alternative is bilinear upsampling followed by a convolution.',
  mistake: {
    said: 'It is a deconvolution, the inverse of a convolution.',
    fact: 'It restores the size, not the values. Its multiply-adds depend on the number of input positions, not of output positions. And unless the stride divides the kernel size, output cells add up different numbers of products: the checkerboard, which shows where input and kernel are all ones.',
    example: 'kernel 3, stride 2: a checkerboard',
  },
  fields: [
    ...INPUT_FIELDS,
    'filters',
    'kernelHeight',
    'kernelWidth',
    'stride',
    'padding',
    'amount',
    'outputPadding',
    'dilation',
    'bias',
  ],
  defaults: { height: 4, width: 4, padding: 'amount', amount: 0, stride: 2 },
  isShaded: true,
  examples: [
    { label: 'I = 4, K = 3, s = 1, p = 0 → 6', set: { height: 4, width: 4, padding: 'amount', amount: 0 } },
    {
      label: 'kernel 3, stride 2: a checkerboard',
      set: { height: 4, width: 4, padding: 'amount', amount: 0, stride: 2, ...ONES },
    },
    {
      label: 'kernel 4, stride 2: none',
      set: { height: 4, width: 4, kernelHeight: 4, kernelWidth: 4, padding: 'amount', amount: 1, stride: 2, ...ONES },
    },
  ],
  stages: (s) => [
    transposedStage(
      'Kernel',
      { ...zeroPaddedOptions(s), ...outputPaddingOf(s) },
      { inChannels: s.channels, filters: s.filters },
    ),
  ],
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: [{ factory: 'conv2dTranspose', args: { filters: s.filters, ...windowArgs(s), ...outputPaddingOf(s) } }],
  }),
  steps: (s) => [{ from: 0, layer: transposed.network(s).layers[0]!, stages: [0], extra: [] }],
  peer: (s, stages) => ({
    title: 'a plain convolution at the output’s size, as after bilinear upsampling',
    network: {
      inputShapes: [[...lastOf(stages).outputSize, s.channels]],
      layers: [
        {
          factory: 'conv2d',
          args: { filters: s.filters, kernelSize: kernelSizeOf(s), padding: 'same', useBias: s.bias === 'yes' },
        },
      ],
    },
  }),
  formulas: (s, stages) => {
    const weights = [...kernelSizeOf(s), s.channels, s.filters];
    return {
      size: sizeOf(s, lastOf(stages).outputSize),
      params: formula('K²CM', [weights, ...biasTerm(s, s.filters)]),
      macs: formula('K²CM · input positions', [[...weights, ...inputSizeOf(s)]]),
    };
  },
};
