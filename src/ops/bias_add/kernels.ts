/** Kernels of biasAdd: names, attributes and sizes of a call. */
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';

export const BIAS_ADD = {
  /** Computes y from x [..., channels] and bias [channels]. */
  forward: 'Convolutions/BiasAdd',
  /** Computes dbias, the sum of dy over all axes but the last. */
  backward: 'Convolutions/BiasAddBackprop',
} as const;

/** Attributes of the biasAdd kernels. */
export interface BiasAddAttributes {
  /** Shape of x, y and dy. */
  readonly shape: readonly number[];
}

/** Sizes of one call. */
export interface BiasAddSizes {
  readonly shape: number[];
  readonly rows: number;
  readonly channels: number;
}

/** Derives the sizes of a call from its attributes. */
export function sizesOf({ attrs }: KernelArguments): BiasAddSizes {
  const { shape } = attrs as BiasAddAttributes;
  return {
    shape: [...shape],
    rows: sizeOf(shape.slice(0, -1)),
    channels: shape[shape.length - 1]!,
  };
}
