/** Which input channels feed which output channels. */
import { checkInteger } from '../errors.js';
import { checkDivides } from '../ops/groups.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** All are listed one by one. */
const MOST_CHANNELS = 2 ** 20;

/** Options of {@link channelGroups}. */
export interface ChannelGroupsOptions {
  /** Number of input channels, 2²⁰ at most. */
  readonly inChannels: number;
  /** Number of output channels, 2²⁰ at most. */
  readonly filters: number;
  /** @default 1 */
  readonly groups?: number;
}

/** Channels that see each other, by their numbers from 0. */
export interface ChannelGroup {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const ACTION = 'split the channels';
const OPTIONS = { inChannels: true, filters: true, groups: true } as const satisfies OptionNames<ChannelGroupsOptions>;

/**
 * Splits the channels of a convolution into its groups. A depthwise convolution is one of as many groups as input channels.
 *
 * @param options numbers of channels and groups; see {@link ChannelGroupsOptions}
 * @returns the groups in order
 * @throws TypeError or RangeError for numbers that are none; RangeError for groups that do not divide the channels
 * @see Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (2012), section 3.2
 * @example
 * ```ts
 * import { channelGroups } from 'tfjs-convolutions/geometry';
 *
 * const [first] = channelGroups({ inChannels: 4, filters: 2, groups: 2 });
 * console.log(first); // {inputs: [0, 1], outputs: [0]}
 * ```
 */
export function channelGroups(options: ChannelGroupsOptions): ChannelGroup[] {
  checkOptions(ACTION, options, OPTIONS);
  const { inChannels, filters, groups = 1 } = options;
  checkInteger(ACTION, 'inChannels', inChannels, 1, MOST_CHANNELS);
  checkInteger(ACTION, 'filters', filters, 1, MOST_CHANNELS);
  checkInteger(ACTION, 'groups', groups, 1);
  checkDivides(ACTION, 'groups', groups, 'filters', filters);
  checkDivides(ACTION, 'groups', groups, 'the input channels', inChannels);
  const share = (channels: number, group: number): number[] =>
    Array.from({ length: channels / groups }, (_, index) => (group * channels) / groups + index);
  return Array.from({ length: groups }, (_, group) => ({
    inputs: share(inChannels, group),
    outputs: share(filters, group),
  }));
}
