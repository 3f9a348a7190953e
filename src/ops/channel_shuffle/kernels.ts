/** Kernel of channelShuffle: name, attributes and sizes of a call. */
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

export const CHANNEL_SHUFFLE = {
  /** Computes y from x. */
  forward: 'Convolutions/ChannelShuffle',
} as const;

/** Attributes of the channelShuffle kernel. */
export interface ShuffleAttributes {
  /** Shape of x, channels last. */
  readonly shape: number[];
  readonly groups: number;
}

/** Sizes, named as the shaders' uniforms. */
export interface ShuffleSizes {
  readonly channels: number;
  readonly groups: number;
}

export const SHUFFLE_SIZES = ['channels', 'groups'] as const satisfies readonly (keyof ShuffleSizes)[];

/** Sizes of one call, and shape of its result. */
export interface ShuffleCall extends ShuffleSizes {
  readonly shape: number[];
}

/** Derives the sizes of a call from its attributes. */
export function shuffleOf({ attrs }: KernelArguments): ShuffleCall {
  const { shape, groups } = attrs as ShuffleAttributes;
  return { shape: [...shape], groups, channels: shape[shape.length - 1]! };
}
