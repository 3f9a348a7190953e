/** What a person can set about a convolution. Every convolution has some of these fields. */

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
  /** The values, and how they are called. */
  readonly options: Readonly<Record<string, string>>;
}

const count = (label: string, min: number, max: number): NumberField => ({ kind: 'number', label, min, max, step: 1 });

/** Inputs as large as this still show every cell on a phone. */
const LARGEST = 15;

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
    options: { amount: 'an amount', same: 'same', valid: 'valid (none)' },
  },
  amount: count('Padding amount', 0, 4),
  mode: {
    kind: 'choice',
    label: 'Padded with',
    options: { zeros: 'zeros', reflect: 'reflect', replicate: 'replicate', circular: 'circular' },
  },
  dilation: count('Dilation', 1, 4),
  stack: count('Layers, dilation doubling', 1, 3),
  groups: count('Groups', 1, 8),
  outputPadding: count('Output padding', 0, 3),
  order: {
    kind: 'choice',
    label: 'Order',
    options: { verticalFirst: 'column, then row', horizontalFirst: 'row, then column' },
  },
  kernel: { kind: 'choice', label: 'Kernel', options: { random: 'random', sobel: 'Sobel' } },
  version: { kind: 'choice', label: 'Version', options: { v1: 'v1, offsets', v2: 'v2, offsets and masks' } },
  bias: { kind: 'choice', label: 'Bias', options: { no: 'no', yes: 'yes' } },
  binRows: count('Bins down', 1, 4),
  binColumns: count('Bins across', 1, 4),
  samples: count('Samples a bin, each way', 1, 3),
  gamma: { kind: 'number', label: 'γ, scale of offsets', min: 0.05, max: 1, step: 0.05 },
} as const satisfies Record<string, NumberField | ChoiceField>;

export type FieldName = keyof typeof FIELDS;

type Value<Field> = Field extends { readonly options: infer Options } ? keyof Options : number;

type FieldValues = { readonly [Name in FieldName]: Value<(typeof FIELDS)[Name]> };

/** Values of all fields, and what is dragged in the picture. */
export interface Settings extends FieldValues {
  /** (y, x) of every tap or bin, row by row; fewer are zeros. */
  readonly offsets: readonly number[];
  /** What every tap counts; fewer are ones. */
  readonly masks: readonly number[];
  /** (y1, x1, y2, x2) in cells, from the edge of the first one. */
  readonly box: readonly number[];
}

export const LISTS = ['offsets', 'masks', 'box'] as const satisfies readonly (keyof Settings)[];

/** Where every convolution starts, but for its own defaults. */
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
  groups: 1,
  outputPadding: 0,
  order: 'verticalFirst',
  kernel: 'random',
  version: 'v2',
  bias: 'no',
  binRows: 3,
  binColumns: 3,
  samples: 1,
  gamma: 0.1,
  offsets: [],
  masks: [],
  box: [1, 1, 7, 7],
};
