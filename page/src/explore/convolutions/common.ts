/** What the convolutions' descriptions share: windows, layers of one kernel, formulas. */
import type { Padding, Place } from 'tfjs-convolutions/geometry';
import type { Formula } from '../model/convolution.js';
import type { Network } from '../model/question.js';
import type { Settings } from '../model/settings.js';
import type { Stage } from '../model/stage.js';

export const paddingOf = ({ padding, amount }: Settings): Padding => (padding === 'amount' ? amount : padding);

export const kernelSizeOf = ({ kernelHeight, kernelWidth }: Settings): [number, number] => [kernelHeight, kernelWidth];

export const inputSizeOf = ({ height, width }: Settings): Place => [height, width];

export const inputShapeOf = ({ height, width, channels }: Settings): number[] => [height, width, channels];

/** A kernel that slides over the input, as the picture takes it. */
export const slidingOptions = (settings: Settings) =>
  ({ ...zeroPaddedOptions(settings), paddingMode: settings.mode }) as const;

/** The same of a window that knows no other padding than zeros. */
export const zeroPaddedOptions = (settings: Settings) =>
  ({
    inputSize: inputSizeOf(settings),
    kernelSize: kernelSizeOf(settings),
    strides: settings.stride,
    padding: paddingOf(settings),
    dilations: settings.dilation,
  }) as const;

/** The same as layers take it. */
export const windowArgs = (settings: Settings) => ({
  kernelSize: kernelSizeOf(settings),
  strides: settings.stride,
  padding: paddingOf(settings),
  dilationRate: settings.dilation,
  useBias: settings.bias === 'yes',
});

/** The field of windows that slide, for the controls. */
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

/** A formula whose numbers are a sum of products. */
export function formula(symbols: string, terms: readonly (readonly number[])[]): Formula {
  const total = terms.reduce((sum, factors) => sum + factors.reduce((product, factor) => product * factor, 1), 0);
  const products = terms.map((factors) => factors.join(' · ')).join(' + ');
  return { symbols, numbers: `${products} = ${formatCount(total)}` };
}

/** The size of a sliding window's output, one axis after the other where they differ. */
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

/** The bias as a term of a sum, if there is one. */
export const biasTerm = ({ bias }: Settings, filters: number): number[][] => (bias === 'yes' ? [[filters]] : []);

export const lastOf = (stages: readonly Stage[]): Stage => stages.at(-1)!;

/** The plain convolution of the same window and channels, as a layer. */
export const plainNetwork = (settings: Settings, filters: number): Network => ({
  inputShapes: [inputShapeOf(settings)],
  layers: [{ factory: 'conv2d', args: { filters, ...windowArgs(settings), paddingMode: settings.mode } }],
});

/** 'a plain 3×3 convolution'. */
export const plainTitle = ({ kernelHeight, kernelWidth }: Settings): string =>
  `a plain ${kernelHeight}×${kernelWidth} convolution`;
