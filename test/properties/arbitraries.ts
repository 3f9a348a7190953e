/**
 * Generators of convolutions: windows of every shape over small images, with channels across the tails of vector
 * registers. Everything is small, since many small cases find more than a few large ones.
 */
import fc from 'fast-check';
import type { Padding, PaddingMode } from '../../src/kernel/geometry.js';
import { axisOf, type Window } from '../oracle/window.js';

export const between = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
export const both = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<readonly [T, T]> => fc.tuple(value, value);
export const seed = between(1, 1e6);

/** Every tail of registers of four and eight, and after one, two and four full ones. */
export const TAILS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 31, 33] as const;

/** Images in a batch: none now and then. */
export const batch = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 15, arbitrary: between(1, 3) });

/** A window over an image, with at least one output. */
export interface Space extends Window {
  readonly batch: number;
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: Padding;
}

/** A space and the channels that go with it: where one is large the other is small. */
export interface Spread extends Space {
  readonly seed: number;
  readonly groups: number;
  /** Input and output channels of a group. */
  readonly groupIn: number;
  readonly groupOut: number;
}

const sides = both(both(between(0, 4)));
const paddings = fc.oneof(fc.constantFrom<Padding>('same', 'valid', 0), between(0, 3), both(between(0, 3)), {
  weight: 3,
  arbitrary: sides,
});

interface Ranges {
  readonly size: readonly [fc.Arbitrary<number>, fc.Arbitrary<number>];
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly channels: fc.Arbitrary<number>;
}

function spread({ size, kernel, stride, dilation, channels }: Ranges): fc.Arbitrary<Spread> {
  return fc.record({
    seed,
    batch,
    size: fc.tuple(...size),
    kernel: both(between(1, kernel)),
    strides: both(between(1, stride)),
    dilations: both(between(1, dilation)),
    padding: paddings,
    groups: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, between(2, 4)),
    groupIn: channels,
    groupOut: channels,
  });
}

/** Maximum number of products of one convolution: beyond it batch and channels are reduced. */
const BUDGET = 20_000;

/** Spaces and channels: any geometry of few channels, any channels in small spaces, and long rows. */
export const spreads: fc.Arbitrary<Spread> = fc
  .oneof(
    {
      weight: 6,
      arbitrary: spread({
        size: [between(1, 9), between(1, 9)],
        kernel: 5,
        stride: 5,
        dilation: 3,
        channels: between(1, 4),
      }),
    },
    {
      weight: 4,
      arbitrary: spread({
        size: [between(1, 4), between(1, 4)],
        kernel: 3,
        stride: 3,
        dilation: 2,
        channels: fc.constantFrom(...TAILS),
      }),
    },
    {
      weight: 1,
      arbitrary: spread({
        size: [between(1, 3), between(10, 70)],
        kernel: 3,
        stride: 2,
        dilation: 2,
        channels: between(1, 4),
      }),
    },
  )
  .map((drawn) => bounded(fitting(drawn)));

/** Adds padding for one output if there would be none. */
export function fitting<S extends Space>(space: S): S {
  const { size, kernel, dilations, padding } = space;
  const missing = ([0, 1] as const).map((axis) =>
    axisOf(axis, size[axis], kernel[axis], space).output > 0
      ? 0
      : (kernel[axis] - 1) * dilations[axis] + 1 - size[axis] - total(padding, axis),
  ) as [number, number];
  if (missing[0] === 0 && missing[1] === 0) return space;
  const [top, bottom] = amounts(padding, 0);
  const [left, right] = amounts(padding, 1);
  return {
    ...space,
    padding: [
      [top, bottom + missing[0]],
      [left, right + missing[1]],
    ],
  };
}

function amounts(padding: Padding, axis: 0 | 1): readonly [number, number] {
  if (typeof padding === 'string') return [0, 0];
  if (typeof padding === 'number') return [padding, padding];
  const side = padding[axis];
  return typeof side === 'number' ? [side, side] : side;
}

function total(padding: Padding, axis: 0 | 1): number {
  const [before, after] = amounts(padding, axis);
  return before + after;
}

function bounded(drawn: Spread): Spread {
  const { size, kernel } = drawn;
  const outputs = axisOf(0, size[0], kernel[0], drawn).output * axisOf(1, size[1], kernel[1], drawn).output;
  const products = (given: Spread): number =>
    given.batch * outputs * kernel[0] * kernel[1] * given.groupIn * given.groupOut * given.groups;
  let result = drawn;
  if (products(result) > BUDGET) result = { ...result, batch: Math.min(1, result.batch) };
  if (products(result) > BUDGET) result = { ...result, groups: 1 };
  if (products(result) > BUDGET) result = { ...result, groupIn: Math.min(3, result.groupIn) };
  if (products(result) > BUDGET) result = { ...result, groupOut: Math.min(3, result.groupOut) };
  return result;
}

/** Padding modes: most cases zeros. */
export const paddingModes = fc.oneof(
  { weight: 3, arbitrary: fc.constant<PaddingMode>('zeros') },
  { weight: 1, arbitrary: fc.constantFrom<PaddingMode>('reflect', 'replicate', 'circular') },
);

/** Returns the mode if it allows the window's padding; otherwise a mode that allows any. */
export function allowedMode(mode: PaddingMode, space: Space): PaddingMode {
  const limit = mode === 'reflect' ? -1 : 0;
  const fits = ([0, 1] as const).every((axis) => {
    const { before, after } = axisOf(axis, space.size[axis], space.kernel[axis], space);
    return Math.max(before, after) <= space.size[axis] + limit;
  });
  return mode === 'zeros' || fits ? mode : 'replicate';
}

/** A pixel that is not finite, in some of the cases: it may affect only the outputs that read it. */
export const poisons = fc.oneof(
  { weight: 12, arbitrary: fc.constant<number | undefined>(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);
