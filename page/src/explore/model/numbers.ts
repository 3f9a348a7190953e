/** Numbers in the cells, and the sum that gives one output cell. */
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution, StepPlan } from './convolution.js';
import type { CellMap, MapReads, Picture } from './maps.js';
import type { Question, Run } from './question.js';
import { inputOf } from './inputs.js';
import { weightsOf } from './kernels.js';
import { randomIntegers } from './random.js';
import type { Settings } from './settings.js';

/** Input numbers. */
export interface Numbers {
  /** Input, row by row, channels last. */
  readonly input: readonly number[];
  /** Kernel of every stage, in its own order. */
  readonly weights: readonly (readonly number[])[];
  /** Bias of every output channel. */
  readonly bias: readonly number[];
}

export function drawNumbers(settings: Settings, { maps, stages }: Picture, seed: number): Numbers {
  return {
    input: inputOf(settings, seed),
    weights: weightsOf(settings, stages, seed),
    bias: settings.bias === 'yes' ? randomIntegers(seed, 1, maps.at(-1)!.channels, -3, 3) : [],
  };
}

/** Creates the question to the worker: costs, and numbers if they are shown. */
export function questionOf(
  convolution: Convolution,
  settings: Settings,
  { maps, stages }: Picture,
  numbers: Numbers | null,
  { backend, backward }: Pick<Run, 'backend' | 'backward'>,
): Question {
  const network = convolution.network(settings);
  const peer = convolution.peer?.(settings, stages).network ?? null;
  if (numbers === null) return { network, peer, run: null };
  const input = maps[0]!;
  const steps = convolution.steps(settings, stages).map(({ from, layer, stages: used, extra }: StepPlan) => {
    const hasBias = layer.args !== undefined && 'useBias' in layer.args && layer.args.useBias;
    const weights = used.flatMap((index) => (stages[index]!.kernel === null ? [] : [numbers.weights[index]!]));
    return { from, layer, extra, weights: hasBias ? [...weights, numbers.bias] : weights };
  });
  return {
    network,
    peer,
    run: {
      input: { shape: [1, ...input.size, input.channels], values: numbers.input, dtype: 'float32' },
      steps,
      backend,
      backward,
    },
  };
}

/** Number in a cell. */
export function valueAt(
  { size, channels }: CellMap,
  values: readonly number[],
  y: number,
  x: number,
  channel: number,
): number {
  return values[(y * size[1] + x) * channels + channel] ?? NaN;
}

/** One product of a sum. */
export interface Term {
  readonly tap: Place;
  /** Value read: interpolated from several cells and multiplied by the mask, if necessary. */
  readonly value: number;
  readonly weight: number;
}

/** Contribution of one input channel. */
export interface ChannelTerms {
  readonly channel: number;
  readonly terms: readonly Term[];
}

/** Lists the products that make up one cell after a stage, channel by channel. Reads of zero padding are zero. */
export function productsOf(
  { maps, stages }: Picture,
  index: number,
  { reads }: MapReads,
  values: readonly number[],
  weights: readonly number[],
  output: number,
): ChannelTerms[] {
  const map = maps[index]!;
  const { kernel, groups } = stages[index]!;
  const group = groups.find(({ outputs }) => outputs.includes(output))!;
  return group.inputs.map((channel) => ({
    channel,
    terms: reads.map(({ tap, cells, factor }) => {
      const read = cells.reduce((sum, { cell, weight }) => sum + weight * valueAt(map, values, ...cell, channel), 0);
      return kernel === null
        ? { tap, value: read, weight: factor }
        : { tap, value: read * factor, weight: weights[kernel.weightAt(tap, channel, output)]! };
    }),
  }));
}

/** The same without reads of zero padding. */
export function termsOf(...given: Parameters<typeof productsOf>): ChannelTerms[] {
  const [, , { reads }] = given;
  return productsOf(...given).map(({ channel, terms }) => ({
    channel,
    terms: terms.filter((_, index) => reads[index]!.cells.length > 0),
  }));
}

export const sumOf = (channels: readonly ChannelTerms[], bias: number): number =>
  channels.reduce((sum, { terms }) => terms.reduce((part, { value, weight }) => part + value * weight, sum), bias);

/** Formats a number with at most two decimals and a typographic minus. */
export const formatNumber = (value: number): string => String(Math.round(value * 100) / 100 + 0).replace('-', '−');

/** Formats a number with at most four decimals, which sixteenths have. */
export const formatExact = (value: number): string => String(Math.round(value * 1e4) / 1e4 + 0).replace('-', '−');

/** Formats a number with at most one decimal, to fit into a cell. */
export const formatCell = (value: number): string => formatNumber(Math.round(value * 10) / 10);
