/** Kernels of padImage: names, attributes and sizes of a call. */
import type { PaddingMode } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

export const PAD_IMAGE = {
  /** Computes the padded image y from x. */
  forward: 'Convolutions/PadImage',
  /** Computes dx from dy: every pixel sums over its copies. */
  backward: 'Convolutions/PadImageBackprop',
} as const;

/** [[top, bottom], [left, right]] in pixels. */
export type Sides = readonly [readonly [number, number], readonly [number, number]];

/** Modes, indexed by their numbers in the shaders. */
export const BORDER_MODES = ['reflect', 'replicate', 'circular'] as const satisfies readonly PaddingMode[];

/** Padding mode that repeats pixels of the image. */
export type BorderMode = Exclude<PaddingMode, 'zeros'>;

/** Attributes of the padImage kernels. */
export interface PadAttributes {
  /** Shape of x, [n, h, w, c]. */
  readonly shape: readonly [number, number, number, number];
  readonly sides: Sides;
  readonly mode: BorderMode;
}

/** Sizes, named as the shaders' uniforms. */
export interface PadSizes {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly channels: number;
  readonly top: number;
  readonly left: number;
  readonly mode: number;
}

export const PAD_SIZES = [
  'inHeight',
  'inWidth',
  'outHeight',
  'outWidth',
  'channels',
  'top',
  'left',
  'mode',
] as const satisfies readonly (keyof PadSizes)[];

/** Sizes and shapes of one call. */
export interface PadCall {
  readonly sizes: PadSizes;
  readonly mode: BorderMode;
  /** Shape [n, h, w, c] of the image, without and with padding. */
  readonly inShape: number[];
  readonly outShape: number[];
}

/** Derives the sizes and shapes of a call from its attributes. */
export function padOf({ attrs }: KernelArguments): PadCall {
  const { shape, sides, mode } = attrs as PadAttributes;
  const [batch, inHeight, inWidth, channels] = shape;
  const [[top, bottom], [left, right]] = sides;
  const [outHeight, outWidth] = [top + inHeight + bottom, left + inWidth + right];
  return {
    sizes: { inHeight, inWidth, outHeight, outWidth, channels, top, left, mode: BORDER_MODES.indexOf(mode) },
    mode,
    inShape: [...shape],
    outShape: [batch, outHeight, outWidth, channels],
  };
}
