/** Kernels of deformTaps: names, attributes and sizes of a call. */
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

export const DEFORM_TAPS = {
  /** Computes offsets on the full grid from the given ones: scaled, and with the shifts that stretch the grid. */
  place: 'Convolutions/DeformTapsPlace',
  /** Gradient with respect to the given offsets or weights, from that on the full grid. */
  placeBackward: 'Convolutions/DeformTapsPlaceBackprop',
  /** Computes weights on the full grid from logits, by softmax. */
  softmax: 'Convolutions/DeformTapsSoftmax',
  /** Computes dlogits from weights and dweights. */
  softmaxBackward: 'Convolutions/DeformTapsSoftmaxBackprop',
} as const;

/** Taps of every row; a row is one group at one position. */
export interface TapAttributes {
  /** [n, outHeight, outWidth] */
  readonly outputGrid: readonly [number, number, number];
  readonly groups: number;
  /** Taps of the grid, [height, width]. */
  readonly kernel: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** True if given rows lack the centre tap, which then reads nothing and has weight 0. */
  readonly removeCenter: boolean;
  /** Numbers per tap: 2 for offsets (y, x), 1 for weights. */
  readonly width: 1 | 2;
  /** Factor on the given numbers and on the grid; 1 for weights. */
  readonly scale: number;
}

/** Sizes, named as the shaders' uniforms. */
export interface TapSizes {
  readonly rows: number;
  /** Taps in a row of the full grid. */
  readonly taps: number;
  /** Taps in a given row. */
  readonly given: number;
  /** Index of the tap that given rows lack; `taps` if they lack none. */
  readonly middle: number;
  readonly width: number;
  readonly kernelWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  /** Distance from the first tap to the centre about which the grid is scaled, in pixels. */
  readonly halfHeight: number;
  readonly halfWidth: number;
}

/** Sizes and shapes of one call. */
export interface TapCall {
  readonly sizes: TapSizes;
  readonly scale: number;
  /** Fraction of its distance to the centre by which a tap of the grid moves. */
  readonly rest: number;
  /**
   * Value for the tap that is not given: an offset outside any image, so that not even a NaN pixel counts, or a weight
   * of 0.
   */
  readonly absent: number;
  readonly givenShape: number[];
  readonly placedShape: number[];
}

/** Derives the sizes and shapes of a call from its attributes. */
export function tapsOf({ attrs }: KernelArguments): TapCall {
  const { outputGrid, groups, kernel, dilations, removeCenter, width, scale } = attrs as TapAttributes;
  const taps = kernel[0] * kernel[1];
  const given = removeCenter ? taps - 1 : taps;
  return {
    sizes: {
      rows: outputGrid[0] * outputGrid[1] * outputGrid[2] * groups,
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
    givenShape: [...outputGrid, groups * given * width],
    placedShape: [...outputGrid, groups * taps * width],
  };
}
