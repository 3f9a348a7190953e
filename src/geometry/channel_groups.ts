/** Connections between input and output channels of a grouped convolution. */
import { checkInteger } from '../errors.js';
import { checkDivides } from '../ops/groups.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** Limit, since all channels are listed. */
const MOST_CHANNELS = 2 ** 20;

/** Options of {@link channelGroups}. */
export interface ChannelGroupsOptions {
  /** Number of input channels, at most 2²⁰. */
  readonly inChannels: number;
  /** Number of output channels, at most 2²⁰. */
  readonly filters: number;
  /** @default 1 */
  readonly groups?: number;
}

/** Connected channels, by their indices from 0. */
export interface ChannelGroup {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const ACTION = 'split the channels';
const OPTIONS = { inChannels: true, filters: true, groups: true } as const satisfies OptionNames<ChannelGroupsOptions>;

/**
 * Splits the channels of a convolution into groups. A depthwise convolution has as many groups as input channels.
 *
 * @param options numbers of channels and groups; see {@link ChannelGroupsOptions}
 * @returns the groups in order
 * @throws TypeError or RangeError for invalid numbers; RangeError if groups do not divide the channels
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
  const groupChannels = (channels: number, group: number): number[] =>
    Array.from({ length: channels / groups }, (_, index) => (group * channels) / groups + index);
  return Array.from({ length: groups }, (_, group) => ({
    inputs: groupChannels(inChannels, group),
    outputs: groupChannels(filters, group),
  }));
}
