/** Convolutions of a receptive field block: the table of its variants, and the units for given sizes. */
import type { ConvUnitSpec } from './conv_unit.js';

export const VARIANTS = ['rfb', 'rfb-a'] as const;

/**
 * Variant of the block: `'rfb'`, or `'rfb-a'` with more and smaller kernels.
 *
 * @useDeclaredType
 */
export type ReceptiveFieldBlockVariant = (typeof VARIANTS)[number];

/** Ratio of input channels to the width of a branch. */
export const REDUCTIONS = { rfb: 8, 'rfb-a': 4 } as const satisfies Readonly<
  Record<ReceptiveFieldBlockVariant, number>
>;

/** One convolution of a branch. */
interface Step {
  readonly kernelSize: readonly [number, number];
  /** Number of output channels, from the width of a branch. */
  readonly filters: (width: number) => number;
  readonly dilation?: (visual: number) => number;
  /** True if this convolution has the block's stride. */
  readonly strided?: true;
}

/** Branches of a variant. */
type Branches = readonly (readonly Step[])[];

const same = (width: number): number => width;
const twice = (width: number): number => 2 * width;
const half = (width: number): number => Math.floor(width / 2);
const threeHalves = (width: number): number => 3 * Math.floor(width / 2);
const threeQuarters = (width: number): number => 3 * Math.floor(width / 4);

const TABLE: Readonly<Record<ReceptiveFieldBlockVariant, Branches>> = {
  rfb: [
    [
      { kernelSize: [1, 1], filters: twice, strided: true },
      { kernelSize: [3, 3], filters: twice, dilation: (visual) => visual },
    ],
    [
      { kernelSize: [1, 1], filters: same },
      { kernelSize: [3, 3], filters: twice, strided: true },
      { kernelSize: [3, 3], filters: twice, dilation: (visual) => visual + 1 },
    ],
    [
      { kernelSize: [1, 1], filters: same },
      { kernelSize: [3, 3], filters: threeHalves },
      { kernelSize: [3, 3], filters: twice, strided: true },
      { kernelSize: [3, 3], filters: twice, dilation: (visual) => 2 * visual + 1 },
    ],
  ],
  'rfb-a': [
    [
      { kernelSize: [1, 1], filters: same, strided: true },
      { kernelSize: [3, 3], filters: same },
    ],
    [
      { kernelSize: [1, 1], filters: same },
      { kernelSize: [3, 1], filters: same, strided: true },
      { kernelSize: [3, 3], filters: same, dilation: () => 3 },
    ],
    [
      { kernelSize: [1, 1], filters: same },
      { kernelSize: [1, 3], filters: same, strided: true },
      { kernelSize: [3, 3], filters: same, dilation: () => 3 },
    ],
    [
      { kernelSize: [1, 1], filters: half },
      { kernelSize: [1, 3], filters: threeQuarters },
      { kernelSize: [3, 1], filters: same, strided: true },
      { kernelSize: [3, 3], filters: same, dilation: () => 5 },
    ],
  ],
};

/** Sizes of a block. */
export interface ReceptiveFieldSizes {
  readonly filters: number;
  readonly variant: ReceptiveFieldBlockVariant;
  readonly strides: number;
  readonly visual: number;
}

/** Units of a block. */
export interface ReceptiveFieldUnits {
  /** Units of each branch, in order. */
  readonly branches: readonly (readonly ConvUnitSpec[])[];
  readonly project: ConvUnitSpec;
  readonly shortcut: ConvUnitSpec;
}

/** Units of a block for a number of input channels. */
export function receptiveFieldUnits(
  inChannels: number,
  { filters, variant, strides, visual }: ReceptiveFieldSizes,
): ReceptiveFieldUnits {
  const width = Math.floor(inChannels / REDUCTIONS[variant]);
  const branches = TABLE[variant].map((steps, branch) =>
    steps.map((step, index): ConvUnitSpec => {
      return {
        name: `branch_${branch + 1}_conv_${index + 1}`,
        kernelSize: step.kernelSize,
        // Half and three quarters of a small width can round to zero.
        filters: Math.max(1, step.filters(width)),
        stride: step.strided === true ? strides : 1,
        dilation: step.dilation?.(visual) ?? 1,
        activation: index === steps.length - 1 ? 'linear' : 'relu',
      };
    }),
  );
  return {
    branches,
    project: { name: 'project', filters, activation: 'linear' },
    shortcut: { name: 'shortcut', filters, stride: strides, activation: 'linear' },
  };
}
