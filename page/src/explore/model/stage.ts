/** One convolution in the diagram: a feature map, a kernel over it, and the resulting map. */
import {
  bilinearCells,
  channelGroups,
  slidingWindow,
  transposedWindow,
  type ChannelGroup,
  type Place,
  type RegionBin,
  type SlidingWindowOptions,
  type TransposedWindowOptions,
  type WeightedCell,
} from 'tfjs-convolutions/geometry';

/** The read of a tap (or of a sample in a region): a weighted sum of cells, times a factor. */
export interface StageRead {
  readonly tap: Place;
  /** Sampling location in cells of the map; outside, it falls into the padding. */
  readonly place: Place;
  readonly cells: readonly WeightedCell[];
  /** Factor besides the weight in the kernel, such as a mask. */
  readonly factor: number;
}

export interface Stage {
  readonly outputSize: Place;
  /** Padding cells to draw around the input map. */
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  /** Lists the reads of output cell (y, x). */
  readonly reads: (y: number, x: number) => readonly StageRead[];
  readonly groups: readonly ChannelGroup[];
  /** Size of the kernel, and the index of the weight of a tap between two channels; `null` without weights. */
  readonly kernel: Kernel | null;
}

/** Title of the kernel of one of several layers. */
export type DilatedTitle = `Kernel, dilation ${number}`;

export type KernelTitle =
  'Kernel' | 'Column kernel' | 'Row kernel' | 'Depthwise kernel' | 'Pointwise kernel' | DilatedTitle;

export interface Kernel {
  readonly title: KernelTitle;
  readonly size: Place;
  /** Number of weights. */
  readonly count: number;
  readonly weightAt: (tap: Place, input: number, output: number) => number;
}

export const NO_PADDING = [
  [0, 0],
  [0, 0],
] as const;

/** Connections between the channels of a stage. */
export interface Channels {
  readonly inChannels: number;
  readonly filters: number;
  readonly groups?: number;
}

/** Weights [kernel height, kernel width, input channels / groups, output channels]. */
function kernelOf(title: KernelTitle, size: Place, { inChannels, filters, groups = 1 }: Channels): Kernel {
  const groupIn = inChannels / groups;
  return {
    title,
    size,
    count: size[0] * size[1] * groupIn * filters,
    weightAt: ([row, column], input, output) =>
      ((row * size[1] + column) * groupIn + (input % groupIn)) * filters + output,
  };
}

type SlidingOptions = SlidingWindowOptions & { readonly kernelSize: Place };

/** Creates the stage of a sliding kernel. */
export function slidingStage(title: KernelTitle, options: SlidingOptions, channels: Channels): Stage {
  const window = slidingWindow(options);
  return {
    ...window,
    reads: (y, x) =>
      window.reads(y, x).map(({ tap, place, cell }) => ({
        tap,
        place,
        cells: cell === null ? [] : [{ cell, weight: 1 }],
        factor: 1,
      })),
    groups: channelGroups(channels),
    kernel: kernelOf(title, options.kernelSize, channels),
  };
}

/** Creates the stage of a transposed convolution, in which every input cell spreads the kernel over the output. */
export function transposedStage(
  title: KernelTitle,
  options: TransposedWindowOptions & { readonly kernelSize: Place },
  channels: Channels,
): Stage {
  const window = transposedWindow(options);
  const { inChannels, filters, groups = 1 } = channels;
  const groupOut = filters / groups;
  const [height, width] = options.kernelSize;
  return {
    outputSize: window.outputSize,
    padding: NO_PADDING,
    reads: (y, x) =>
      window.reads(y, x).map(({ tap, place }) => ({ tap, place, cells: [{ cell: place, weight: 1 }], factor: 1 })),
    groups: channelGroups(channels),
    kernel: {
      title,
      size: options.kernelSize,
      count: height * width * groupOut * inChannels,
      // [kernel height, kernel width, output channels / groups, input channels]
      weightAt: ([row, column], input, output) =>
        ((row * width + column) * groupOut + (output % groupOut)) * inChannels + input,
    },
  };
}

const ringOf = ([before, after]: readonly [number, number]) => [Math.max(before, 1), Math.max(after, 1)] as const;

/** Creates the stage of a deformable kernel with the same offsets and masks at every position. */
export function deformableStage(
  title: KernelTitle,
  options: SlidingOptions & { readonly inputSize: Place },
  channels: Channels,
  { offsets, masks }: { readonly offsets: readonly number[]; readonly masks: readonly number[] },
): Stage {
  const resting = slidingStage(title, options, channels);
  const { padding } = resting;
  return {
    ...resting,
    // At least one ring, for taps that are dragged outside.
    padding: [ringOf(padding[0]), ringOf(padding[1])],
    reads: (y, x) =>
      resting.reads(y, x).map(({ tap, place }, index) => {
        const moved = [place[0] + (offsets[2 * index] ?? 0), place[1] + (offsets[2 * index + 1] ?? 0)] as const;
        return { tap, place: moved, cells: bilinearCells(moved, options.inputSize), factor: masks[index] ?? 1 };
      }),
  };
}

/** Creates the stage of bins, each of which averages its samples, channel by channel. */
export function regionStage(bins: readonly RegionBin[], outputSize: Place, channels: number): Stage {
  return {
    outputSize,
    padding: NO_PADDING,
    reads: (y, x) => {
      const { bin, samples } = bins[y * outputSize[1] + x]!;
      return samples.map(({ place, cells }) => ({ tap: bin, place, cells, factor: 1 / samples.length }));
    },
    groups: channelGroups({ inChannels: channels, filters: channels, groups: channels }),
    kernel: null,
  };
}
