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
  readonly places: Int32Array;
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
  private readonly places: number[] = [];
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
    const indexAt = (position: number): number => (position - start) / step;
    const begin = step > 0 ? Math.max(0, Math.ceil(indexAt(-margin - slack)) - 1) : 0;
    const end = step > 0 ? Math.min(count - 1, Math.floor(indexAt(last + margin + slack)) + 1) : count - 1;
    let kept = 0;
    let lowest = size;
    let highest = -1;
    // Counts from zero: near 2⁵³, where a huge box may begin, adding 1 would not change the index.
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
      // A clamped sample does not move with its offset. At an integer this is the right-hand derivative.
      if (position < 0) continue;
      slopeAt[place]! -= 1;
      slopeAt[place + 1]! += 1;
    }
    const mean = 1 / (countOutside ? count : kept);
    for (let place = lowest; place <= highest; place++) {
      const weight = weightAt[place]! * mean;
      const slope = slopeAt[place]! * mean * offsetScale;
      weightAt[place] = 0;
      slopeAt[place] = 0;
      if (weight !== 0 || slope !== 0) this.entry(place, weight, slope);
    }
    return this.closeLine();
  }

  /** Adds a line of whole pixels [from, to), all with the same weight, and returns its index. */
  pixels(from: number, to: number, weight: number): number {
    for (let place = from; place < to; place++) this.entry(place, weight, 0);
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

/** Maps the numbers from 0 to count − 1. */
export function tabulate(count: number, map: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => map(index));
}
