/** Rows of `tfjs-convolutions/geometry`. */
import * as geometry from '../../../src/geometry/index.js';
import { but, count, integer, list, number, padding, paddingMode, pair, required } from '../kinds.js';
import { row } from '../row.js';

export const GEOMETRY_ROWS = [
  row<geometry.ChannelGroupsOptions>('geometry/channelGroups', (options) => geometry.channelGroups(options), {
    inChannels: required(count), filters: required(count), groups: but(count, 3) }, { inChannels: 4, filters: 4 }), // prettier-ignore
  row<geometry.RegionBinsOptions>(
    'geometry/regionBins',
    (options) => geometry.regionBins(options),
    {
      inputSize: required(pair(1)),
      box: required(list(number(), 1, 4)),
      outputSize: required(pair(1)),
      samplingRatio: integer(0),
      spatialScale: number({ above: 0 }),
      gamma: number(),
      offsets: list(number(), 0),
    },
    { inputSize: 4, box: [0, 0, 4, 4], outputSize: 2 },
  ),
  row<geometry.SlidingWindowOptions>(
    'geometry/slidingWindow',
    (options) => geometry.slidingWindow(options),
    {
      inputSize: required(pair(1)),
      kernelSize: required(pair(1)),
      paddingMode,
      strides: pair(1),
      padding,
      dilations: pair(1),
    },
    { inputSize: 7, kernelSize: 3 },
  ),
  row<geometry.TransposedWindowOptions>(
    'geometry/transposedWindow',
    (options) => geometry.transposedWindow(options),
    {
      inputSize: required(pair(1)),
      kernelSize: required(pair(1)),
      outputPadding: pair(0),
      strides: pair(1),
      padding,
      dilations: pair(1),
    },
    { inputSize: 7, kernelSize: 3 },
  ),
];
