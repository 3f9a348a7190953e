/**
 * Sampling plan of a region operator, computed once on the CPU for all channels.
 *
 * Samples form a grid, and bilinear interpolation is separable: a factor for the row times one for the column. So is
 * the mean over a bin: the weight of a pixel is (weight of its row) · (weight of its column). A plan therefore stores
 * lines (rows or columns with weights) and bins (one line of rows and one of columns), never a list of samples:
 * neighbouring samples share pixels, and bins share lines.
 */
import type { RoiGeometry, SampleRow } from './geometry.js';

/** Integers per bin: line of rows, line of columns, first pixel of its image, first channel, index of its offset. */
export const BIN_FIELDS = 5;

/** Rows and columns that each line of samples reads, with their weights. */
export interface RoiPlan {
  /** Line l has the entries from starts[l] up to, but excluding, starts[l + 1]. */
  readonly starts: Int32Array;
  /** Row or column of each entry, ascending within a line. */
  readonly positions: Int32Array;
  readonly weights: Float32Array;
  /** ∂weight/∂offset of each entry; 0 without offsets. */
  readonly slopes: Float32Array;
  /** BIN_FIELDS integers per bin, in output order: bin b writes `channels` values from index b · channels. */
  readonly bins: Int32Array;
  /** Channels written per bin. */
  readonly channels: number;
  /** Distance between the channels that a bin reads. */
  readonly channelStride: number;
}

/** Values from which a plan is computed. */
export interface Regions {
  /** [k, 4], (y1, x1, y2, x2). */
  readonly boxes: ArrayLike<number>;
  /** [k], image of each box. */
  readonly indices: ArrayLike<number>;
  /** Offsets (y, x), if the operator is deformed. */
  readonly offset?: ArrayLike<number>;
}

/** Computes the plan of a region operator for given boxes and offsets. */
export type Planner<G extends RoiGeometry> = (geometry: G, regions: Regions) => RoiPlan;

/** Sampling of an axis by one line. */
export interface Sampling extends SampleRow {
  /** Size of the axis in pixels. */
  readonly size: number;
  /** A sample further than this outside the centres of the outermost pixels reads nothing; a nearer one is clamped. */
  readonly margin: number;
  /** True if samples that read nothing count in the mean. */
  readonly countOutside: boolean;
  /** Distance in pixels by which one unit of offset moves the samples. */
  readonly offsetScale: number;
}

/** Bound on the rounding error of a sampling location, relative to the numbers that it is computed from. */
const ROUNDING = 2 ** -22;
/** Upper bound in pixels on the margin searched for such samples, so that huge boxes terminate. */
const MOST_SLACK = 64;

/** Collects the lines and bins of a plan. */
export class PlanBuilder {
  private readonly starts: number[] = [0];
  private readonly positions: number[] = [];
  private readonly weights: number[] = [];
  private readonly slopes: number[] = [];
  private readonly bins: Int32Array;
  private filled = 0;
  /** Sums for every position of an axis, zero between calls. */
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

  /** Adds a line of bilinear samples and returns its index. */
  samples({ count, step, at, size, margin, countOutside, offsetScale }: Sampling): number {
    const { weightAt, slopeAt } = this;
    const last = size - 1;
    const start = at(0);
    // False for an offset that is NaN or infinite, a box whose size overflows, and one without samples.
    const readable = Number.isFinite(start) && Number.isFinite(step) && size > 0;
    // Only samples near the image are visited, however large the box.
    const slack = Math.min((Math.abs(start) + Math.abs(step) * count) * ROUNDING, MOST_SLACK);
    const indexAt = (location: number): number => (location - start) / step;
    const begin = step > 0 ? Math.max(0, Math.ceil(indexAt(-margin - slack)) - 1) : 0;
    const end = step > 0 ? Math.min(count - 1, Math.floor(indexAt(last + margin + slack)) + 1) : count - 1;
    let kept = 0;
    let lowest = size;
    let highest = -1;
    // Counts from zero: near 2⁵³, where a huge box may begin, adding 1 would not change the index.
    for (let visited = 0; readable && visited <= end - begin; visited++) {
      const location = at(begin + visited);
      if (location < -margin || location > last + margin) continue;
      const clamped = Math.min(Math.max(location, 0), last);
      const position = Math.floor(clamped);
      const fraction = clamped - position;
      kept += 1;
      lowest = Math.min(lowest, position);
      highest = Math.max(highest, position);
      weightAt[position]! += 1 - fraction;
      if (position === last) continue;
      highest = Math.max(highest, position + 1);
      weightAt[position + 1]! += fraction;
      // A clamped sample does not move with its offset. At an integer this is the right-hand derivative.
      if (location < 0) continue;
      slopeAt[position]! -= 1;
      slopeAt[position + 1]! += 1;
    }
    const mean = 1 / (countOutside ? count : kept);
    for (let position = lowest; position <= highest; position++) {
      const weight = weightAt[position]! * mean;
      const slope = slopeAt[position]! * mean * offsetScale;
      weightAt[position] = 0;
      slopeAt[position] = 0;
      if (weight !== 0 || slope !== 0) this.entry(position, weight, slope);
    }
    return this.closeLine();
  }

  /** Adds a line of whole pixels [begin, stop), all with the same weight, and returns its index. */
  pixels(begin: number, stop: number, weight: number): number {
    for (let position = begin; position < stop; position++) this.entry(position, weight, 0);
    return this.closeLine();
  }

  /** Adds the next bin of the output, which reads `image` of the batch from channel `channel`. */
  bin(rows: number, columns: number, image: number, channel: number, offset = 0): void {
    const { inHeight, inWidth } = this.geometry;
    this.bins.set([rows, columns, image * inHeight * inWidth, channel, offset], this.filled);
    this.filled += BIN_FIELDS;
  }

  finish(): RoiPlan {
    const { bins, channels, channelStride } = this;
    return {
      starts: Int32Array.from(this.starts),
      positions: Int32Array.from(this.positions),
      weights: Float32Array.from(this.weights),
      slopes: Float32Array.from(this.slopes),
      bins,
      channels,
      channelStride,
    };
  }

  private entry(position: number, weight: number, slope: number): void {
    this.positions.push(position);
    this.weights.push(weight);
    this.slopes.push(slope);
  }

  private closeLine(): number {
    return this.starts.push(this.positions.length) - 2;
  }
}

/** Maps the numbers from 0 to count − 1. */
export function tabulate(count: number, map: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => map(index));
}
