/**
 * What a region operator reads, worked out once on the host for all channels.
 *
 * Samples stand on a grid, and bilinear interpolation is a product of one factor for the row and one for the column. So
 * is the mean over a bin: the weight of a pixel is (weight of its row) · (weight of its column). A plan therefore holds
 * lines (rows or columns with weights) and bins (a line of rows and a line of columns), and never a list of samples:
 * neighbouring samples share their pixels, and bins share their lines.
 */
import type { RoiGeometry, SampleRow } from './geometry.js';

/** Integers of a bin: line of rows, line of columns, first pixel of its image, first channel, element of the offset. */
export const BIN_FIELDS = 5;

export interface RoiPlan {
  /** The entries of line l are those from starts[l] up to starts[l + 1]. */
  readonly starts: Int32Array;
  /** Row or column of each entry, ascending within a line. */
  readonly places: Int32Array;
  readonly weights: Float32Array;
  /** ∂weight/∂offset of each entry; 0 where nothing is deformed. */
  readonly slopes: Float32Array;
  /** BIN_FIELDS integers for each bin, in the order of the output: bin b writes `channels` values from b · channels. */
  readonly bins: Int32Array;
  /** Channels that a bin writes. */
  readonly channels: number;
  /** From one channel that a bin reads to the next. */
  readonly channelStride: number;
}

/** The values that a plan is made of. */
export interface Regions {
  /** [k, 4], (y1, x1, y2, x2). */
  readonly boxes: ArrayLike<number>;
  /** [k], image of each box. */
  readonly indices: ArrayLike<number>;
  /** Where the operator is deformed; an element is (y, x). */
  readonly offset?: ArrayLike<number>;
}

export type Planner<G extends RoiGeometry> = (geometry: G, regions: Regions) => RoiPlan;

/** How a line samples its axis. */
export interface Sampling extends SampleRow {
  /** Pixels of the axis. */
  readonly size: number;
  /** A sample further than this outside the centres of the outermost pixels reads nothing; a nearer one is clamped. */
  readonly margin: number;
  /** Whether samples that read nothing count in the mean. */
  readonly countOutside: boolean;
  /** Pixels that one unit of offset moves the samples. */
  readonly travel: number;
}

/** How far rounding may move a sample, as a part of what its place is computed from. */
const ROUNDING = 2 ** -22;
/** The most pixels of that kind which are looked through for samples, so that an endless box has an end. */
const MOST_SLACK = 64;

/** Collects the lines and bins of a plan. */
export class PlanBuilder {
  private readonly starts: number[] = [0];
  private readonly places: number[] = [];
  private readonly weights: number[] = [];
  private readonly slopes: number[] = [];
  private readonly bins: Int32Array;
  private filled = 0;
  /** Sums for every place of an axis, zero between calls. */
  private readonly weightAt: Float64Array;
  private readonly slopeAt: Float64Array;

  constructor(
    private readonly geometry: RoiGeometry,
    binCount: number,
    private readonly channels: number,
    private readonly channelStride: number,
  ) {
    const longest = Math.max(geometry.inHeight, geometry.inWidth);
    this.weightAt = new Float64Array(longest);
    this.slopeAt = new Float64Array(longest);
    this.bins = new Int32Array(binCount * BIN_FIELDS);
  }

  /** A line of bilinear samples; returns its number. */
  samples({ count, step, at, size, margin, countOutside, travel }: Sampling): number {
    const { weightAt, slopeAt } = this;
    const last = size - 1;
    const start = at(0);
    // Not so for an offset that is NaN or infinite, a box whose size overflows, and one of no samples.
    const readable = Number.isFinite(start) && Number.isFinite(step) && size > 0;
    // Only samples near the image are visited, however large the box.
    const slack = Math.min((Math.abs(start) + Math.abs(step) * count) * ROUNDING, MOST_SLACK);
    const indexAt = (position: number): number => (position - start) / step;
    const begin = step > 0 ? Math.max(0, Math.ceil(indexAt(-margin - slack)) - 1) : 0;
    const end = step > 0 ? Math.min(count - 1, Math.floor(indexAt(last + margin + slack)) + 1) : count - 1;
    let kept = 0;
    let lowest = size;
    let highest = -1;
    // Counted from zero: next to 2⁵³, where an endless box would begin, one more sample is no larger number.
    for (let visited = 0; readable && visited <= end - begin; visited++) {
      const position = at(begin + visited);
      if (position < -margin || position > last + margin) continue;
      const clamped = Math.min(Math.max(position, 0), last);
      const place = Math.floor(clamped);
      const fraction = clamped - place;
      kept += 1;
      lowest = Math.min(lowest, place);
      highest = Math.max(highest, place);
      weightAt[place]! += 1 - fraction;
      if (place === last) continue;
      highest = Math.max(highest, place + 1);
      weightAt[place + 1]! += fraction;
      // A clamped sample stands still. At an integer this is the right-hand derivative.
      if (position < 0) continue;
      slopeAt[place]! -= 1;
      slopeAt[place + 1]! += 1;
    }
    const mean = 1 / (countOutside ? count : kept);
    for (let place = lowest; place <= highest; place++) {
      const weight = weightAt[place]! * mean;
      const slope = slopeAt[place]! * mean * travel;
      weightAt[place] = 0;
      slopeAt[place] = 0;
      if (weight !== 0 || slope !== 0) this.entry(place, weight, slope);
    }
    return this.closeLine();
  }

  /** A line of whole pixels [from, to), each of the same weight; returns its number. */
  pixels(from: number, to: number, weight: number): number {
    for (let place = from; place < to; place++) this.entry(place, weight, 0);
    return this.closeLine();
  }

  /** The next bin of the output, in `image` of the batch, from channel `channel`. */
  bin(rows: number, columns: number, image: number, channel: number, offset = 0): void {
    const { inHeight, inWidth } = this.geometry;
    this.bins.set([rows, columns, image * inHeight * inWidth, channel, offset], this.filled);
    this.filled += BIN_FIELDS;
  }

  finish(): RoiPlan {
    const { bins, channels, channelStride } = this;
    return {
      starts: Int32Array.from(this.starts),
      places: Int32Array.from(this.places),
      weights: Float32Array.from(this.weights),
      slopes: Float32Array.from(this.slopes),
      bins,
      channels,
      channelStride,
    };
  }

  private entry(place: number, weight: number, slope: number): void {
    this.places.push(place);
    this.weights.push(weight);
    this.slopes.push(slope);
  }

  private closeLine(): number {
    return this.starts.push(this.places.length) - 2;
  }
}

/** The numbers from 0 to count − 1, each mapped. */
export function tabulate(count: number, map: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => map(index));
}
