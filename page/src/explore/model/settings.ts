/** Settings of convolutions, each of which has some of these fields. */

interface NumberField {
  readonly kind: 'number';
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

interface ChoiceField {
  readonly kind: 'choice';
  readonly label: string;
  /** Values and their labels. */
  readonly options: Readonly<Record<string, string>>;
}

/** A setting with a form control of its own. */
export type Field = NumberField | ChoiceField;

const count = (label: string, min: number, max: number): NumberField => ({ kind: 'number', label, min, max, step: 1 });

/** Largest input whose cells are all visible on a phone. */
const LARGEST = 16;

export const FIELDS = {
  height: count('Input height', 1, LARGEST),
  width: count('Input width', 1, LARGEST),
  channels: count('Input channels', 1, 8),
  filters: count('Output channels', 1, 8),
  multiplier: count('Depth multiplier', 1, 3),
  rank: count('Rank (middle channels)', 1, 8),
  kernelHeight: count('Kernel height', 1, 7),
  kernelWidth: count('Kernel width', 1, 7),
  stride: count('Stride', 1, 4),
  padding: {
    kind: 'choice',
    label: 'Padding',
    options: { amount: 'explicit', same: 'same', valid: 'valid (none)' },
  },
  amount: count('Padding amount', 0, 4),
  mode: {
    kind: 'choice',
    label: 'Padding mode',
    options: { zeros: 'zeros', reflect: 'reflect', replicate: 'replicate', circular: 'circular' },
  },
  dilation: count('Dilation', 1, 4),
  stack: count('Layers', 1, 3),
  growth: {
    kind: 'choice',
    label: 'Dilation of further layers',
    options: { doubling: 'doubles', same: 'stays the same' },
  },
  groups: count('Groups', 1, 8),
  outputPadding: count('Output padding', 0, 3),
  order: {
    kind: 'choice',
    label: 'Order',
    options: { verticalFirst: 'column, then row', horizontalFirst: 'row, then column' },
  },
  kernel: { kind: 'choice', label: 'Kernel', options: { random: 'random', sobel: 'Sobel' } },
  image: {
    kind: 'choice',
    label: 'Input',
    options: { photo: 'photograph', drawing: 'drawing', random: 'random numbers', ones: 'ones' },
  },
  preset: {
    kind: 'choice',
    label: 'Kernel',
    options: { random: 'random', sobel: 'Sobel', blur: 'blur', sharpen: 'sharpen', identity: 'identity', ones: 'ones' },
  },
  version: { kind: 'choice', label: 'Version', options: { v1: 'v1, offsets', v2: 'v2, offsets and masks' } },
  bias: { kind: 'choice', label: 'Bias', options: { no: 'no', yes: 'yes' } },
  binRows: count('Bins down', 1, 4),
  binColumns: count('Bins across', 1, 4),
  samples: count('Samples per bin and axis', 1, 3),
  gamma: { kind: 'number', label: 'γ, scale of offsets', min: 0.05, max: 1, step: 0.05 },
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;

type Value<F extends Field> = F extends { readonly options: infer Options } ? keyof Options : number;

type FieldValues = { readonly [Name in FieldName]: Value<(typeof FIELDS)[Name]> };

/** Values of all fields, and of everything that can be dragged in the diagram. */
export interface Settings extends FieldValues {
  /** Offset (y, x) of every tap or bin, row by row; missing ones are zero. */
  readonly offsets: readonly number[];
  /** Mask of every tap; missing ones are 1. */
  readonly masks: readonly number[];
  /** Box (y1, x1, y2, x2) in cells, measured from the edge of the first cell. */
  readonly box: readonly number[];
  /** Weights of all kernels as a person set them, one stage after the other; empty for those of the preset. */
  readonly weights: readonly number[];
  /** Drawing: 1 for every cell with ink and 0 for the others, row by row; empty for the one to start with. */
  readonly ink: readonly number[];
}

export const LISTS = ['offsets', 'masks', 'box', 'weights', 'ink'] as const satisfies readonly (keyof Settings)[];

/** Initial settings of every convolution, apart from its own defaults. */
export const START: Settings = {
  height: 7,
  width: 7,
  channels: 1,
  filters: 1,
  multiplier: 1,
  rank: 1,
  kernelHeight: 3,
  kernelWidth: 3,
  stride: 1,
  padding: 'valid',
  amount: 1,
  mode: 'zeros',
  dilation: 1,
  stack: 1,
  growth: 'doubling',
  groups: 1,
  outputPadding: 0,
  order: 'verticalFirst',
  kernel: 'random',
  image: 'random',
  preset: 'random',
  version: 'v2',
  bias: 'no',
  binRows: 3,
  binColumns: 3,
  samples: 1,
  gamma: 0.1,
  offsets: [],
  masks: [],
  box: [1, 1, 7, 7],
  weights: [],
  ink: [],
};
