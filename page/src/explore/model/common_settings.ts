/** Settings with which convolutions are compared: the same input and output for all of them. */
import type { Convolution } from './convolution.js';
import { START, type Settings } from './settings.js';

export const COMMON: Settings = { ...START, height: 15, width: 15, channels: 8, filters: 8, padding: 'same' };

/** Settings that make a convolution what it is. */
const OWN: Readonly<Record<string, Partial<Settings>>> = {
  dilated: { dilation: 2 },
  pointwise: { kernelHeight: 1, kernelWidth: 1 },
  'spatially-separable': { rank: 4 },
  grouped: { groups: 4 },
};

/** Settings of a convolution that differ from the common ones. */
export const ownSettingsOf = ({ name }: Convolution): Partial<Settings> => OWN[name] ?? {};
