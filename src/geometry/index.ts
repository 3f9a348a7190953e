/**
 * Cells of an image that every output cell of a convolution reads, as plain arithmetic without TensorFlow.js: `import {
 * slidingWindow } from 'tfjs-convolutions/geometry'`.
 */
export { bilinearCells, type WeightedCell } from './bilinear_cells.js';
export { channelGroups, type ChannelGroup, type ChannelGroupsOptions } from './channel_groups.js';
export { regionBins, type RegionBin, type RegionBinsOptions } from './region_bins.js';
export { slidingWindow, type SlidingWindowOptions } from './sliding_window.js';
export { transposedWindow, type TransposedWindowOptions } from './transposed_window.js';
export type { Place, TapRead, WindowOfReads } from './reads.js';
export type { TransposedOptions } from '../ops/conv2d_transpose/window.js';
export type { Padding, PaddingMode, Pair, WindowOptions } from '../kernel/geometry.js';
