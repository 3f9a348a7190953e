/** Shared parts of the descriptions: windows, layers with one kernel, formulas. */
import type { Padding, Place } from 'tfjs-convolutions/geometry';
import type { Formula } from '../model/convolution.js';
import type { Network } from '../model/question.js';
import type { Settings } from '../model/settings.js';
import type { Stage } from '../model/stage.js';

export const paddingOf = ({ padding, amount }: Settings): Padding => (padding === 'amount' ? amount : padding);

export const kernelSizeOf = ({ kernelHeight, kernelWidth }: Settings): [number, number] => [kernelHeight, kernelWidth];

export const inputSizeOf = ({ height, width }: Settings): Place => [height, width];

export const inputShapeOf = ({ height, width, channels }: Settings): number[] => [height, width, channels];

/** Options of a sliding window for the diagram. */
export const slidingOptions = (settings: Settings) =>
  ({ ...zeroPaddedOptions(settings), paddingMode: settings.mode }) as const;

/** The same for a window that supports only zero padding. */
export const zeroPaddedOptions = (settings: Settings) =>
  ({
    inputSize: inputSizeOf(settings),
    kernelSize: kernelSizeOf(settings),
    strides: settings.stride,
    padding: paddingOf(settings),
    dilations: settings.dilation,
  }) as const;

/** The same for layers. */
export const windowArgs = (settings: Settings) => ({
  kernelSize: kernelSizeOf(settings),
  strides: settings.stride,
  padding: paddingOf(settings),
  dilationRate: settings.dilation,
  useBias: settings.bias === 'yes',
});

/** Controls of a sliding window. */
export const WINDOW_FIELDS = [
  'kernelHeight',
  'kernelWidth',
  'stride',
  'padding',
  'amount',
  'mode',
  'dilation',
] as const;

export const INPUT_FIELDS = ['height', 'width', 'channels'] as const;

export const formatCount = (count: number): string => count.toLocaleString('en-GB');

/** Formula for a sum of products. */
export function formula(symbols: string, terms: readonly (readonly number[])[]): Formula {
  const total = terms.reduce((sum, factors) => sum + factors.reduce((product, factor) => product * factor, 1), 0);
  const products = terms.map((factors) => factors.join(' · ')).join(' + ');
  return { symbols, numbers: `${products} = ${formatCount(total)}` };
}

/** Formula for the output size of a sliding window, axis by axis if they differ. */
export function sizeFormula(settings: Settings, [outHeight, outWidth]: Place): Formula {
  const { stride, dilation, padding, amount } = settings;
  const p = padding === 'amount' ? amount : 0;
  const axis = (size: number, kernel: number, out: number): string =>
    padding === 'same'
      ? `⌈${size} / ${stride}⌉ = ${out}`
      : `⌊(${size} + 2 · ${p} − ${(kernel - 1) * dilation + 1}) / ${stride}⌋ + 1 = ${out}`;
  const numbers = [
    axis(settings.height, settings.kernelHeight, outHeight),
    axis(settings.width, settings.kernelWidth, outWidth),
  ];
  return {
    symbols: padding === 'same' ? '⌈I / s⌉' : '⌊(I + 2p − k̂) / s⌋ + 1 with k̂ = (K − 1)d + 1',
    numbers: [...new Set(numbers)].join(' and '),
  };
}

/** Term of the bias in a sum, if there is one. */
export const biasTerm = ({ bias }: Settings, filters: number): number[][] => (bias === 'yes' ? [[filters]] : []);

export const lastOf = (stages: readonly Stage[]): Stage => stages.at(-1)!;

/** Plain convolution with the same window and channels, as a layer. */
export const plainNetwork = (settings: Settings, filters: number): Network => ({
  inputShapes: [inputShapeOf(settings)],
  layers: [{ factory: 'conv2d', args: { filters, ...windowArgs(settings), paddingMode: settings.mode } }],
});

/** Describes it as 'a plain 3×3 convolution'. */
export const plainTitle = ({ kernelHeight, kernelWidth }: Settings): string =>
  `a plain ${kernelHeight}×${kernelWidth} convolution`;
