/** Kernel names, attributes and sizes of deformTaps. */
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

export const DEFORM_TAPS = {
  /** placed of given: the taps scaled and at their places in the grid, with the shifts that stretch the grid. */
  place: 'Convolutions/DeformTapsPlace',
  /** dgiven of dplaced. */
  placeBackward: 'Convolutions/DeformTapsPlaceBackprop',
  /** weights of logits: their softmax, at the taps' places in the grid. */
  softmax: 'Convolutions/DeformTapsSoftmax',
  /** dlogits of weights and dweights. */
  softmaxBackward: 'Convolutions/DeformTapsSoftmaxBackprop',
} as const;

/** The taps of every row; a row is a group at a position. */
export interface TapAttributes {
  /** [n, outHeight, outWidth] */
  readonly place: readonly [number, number, number];
  readonly groups: number;
  /** Taps of the grid, [height, width]. */
  readonly kernel: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Whether given rows lack the tap in the middle of the grid; it reads nothing and weighs 0. */
  readonly removeCenter: boolean;
  /** Numbers of a tap: 2 of offsets (y, x), 1 of weights. */
  readonly width: 1 | 2;
  /** Factor of the given numbers, by which the grid stretches too; 1 of weights. */
  readonly scale: number;
}

/** Sizes under the names that shaders give them. */
export interface TapSizes {
  readonly rows: number;
  /** Taps of a placed row. */
  readonly taps: number;
  /** Taps of a given row. */
  readonly given: number;
  /** The tap that given rows lack; `taps` where they have all. */
  readonly middle: number;
  readonly width: number;
  readonly kernelWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  /** From the first tap to the centre that the grid stretches around, in pixels. */
  readonly halfHeight: number;
  readonly halfWidth: number;
}

/** One call. */
export interface TapCall {
  readonly sizes: TapSizes;
  readonly scale: number;
  /** The part of its distance to the centre by which a tap of the grid moves. */
  readonly rest: number;
  /** Stands for what is not given: an offset out of every image, so that not even a NaN pixel counts there; a weight of 0. */
  readonly absent: number;
  readonly givenShape: number[];
  readonly placedShape: number[];
}

export function tapsOf({ attrs }: KernelArguments): TapCall {
  const { place, groups, kernel, dilations, removeCenter, width, scale } = attrs as TapAttributes;
  const taps = kernel[0] * kernel[1];
  const given = removeCenter ? taps - 1 : taps;
  return {
    sizes: {
      rows: place[0] * place[1] * place[2] * groups,
      taps,
      given,
      middle: removeCenter ? given / 2 : taps,
      width,
      kernelWidth: kernel[1],
      dilationHeight: dilations[0],
      dilationWidth: dilations[1],
      halfHeight: (dilations[0] * (kernel[0] - 1)) >> 1,
      halfWidth: (dilations[1] * (kernel[1] - 1)) >> 1,
    },
    scale,
    rest: 1 - scale,
    absent: width === 2 ? 1e9 : 0,
    givenShape: [...place, groups * given * width],
    placedShape: [...place, groups * taps * width],
  };
}
