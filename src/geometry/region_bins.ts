/** Bins of deformable RoI pooling, and their sampling locations. */
import { checkInteger, checkNumber, rangeError, typeError } from '../errors.js';
import { toPair, type Pair } from '../kernel/geometry.js';
import { ALIGNED, binSamples, MOST_SAMPLES, moveSpan, spanOf, type Span } from '../ops/roi/geometry.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { bilinearCells, type WeightedCell } from './bilinear_cells.js';
import type { Place } from './reads.js';

/** Options of {@link regionBins}. */
export interface RegionBinsOptions {
  /** [height, width] of the feature map, in cells. */
  readonly inputSize: Pair;
  /** Box (y1, x1, y2, x2) as `deformRoiPool` takes it: 0 is the top or left edge of the first cell. */
  readonly box: readonly [number, number, number, number];
  /** Number of bins of the box. */
  readonly outputSize: Pair;
  /** Number of samples of a bin along each axis, at most 256; 0 for one per cell of the bin, rounded up. @default 0 */
  readonly samplingRatio?: number;
  /** Number of cells per unit of the box. @default 1 */
  readonly spatialScale?: number;
  /** Scale of the offsets, relative to the size of the box. @default 0.1 */
  readonly gamma?: number;
  /** Offsets (y, x) of every bin, row by row. @default none */
  readonly offsets?: readonly number[];
}

/** One bin. */
export interface RegionBin {
  /** (row, column) of the bin. */
  readonly bin: Place;
  /** (y, x) of its top left corner, in cells; integers are cell centres. */
  readonly start: Place;
  /** [height, width] in cells. */
  readonly size: Place;
  /** Sampling locations, with the cells that each sample reads. The value of the bin is the mean of all samples. */
  readonly samples: readonly { readonly place: Place; readonly cells: readonly WeightedCell[] }[];
}

const ACTION = 'place the bins';
const OPTIONS = {
  inputSize: true,
  box: true,
  outputSize: true,
  samplingRatio: true,
  spatialScale: true,
  gamma: true,
  offsets: true,
} as const satisfies OptionNames<RegionBinsOptions>;

/** Limit on the bins, and on the total number of samples. */
const MOST = 2 ** 20;

/**
 * Computes the bins of a box, each shifted by γ · (size of the box) · its offset, and their samples.
 *
 * @param options sizes, box and offsets, as `deformRoiPool` takes them; see {@link RegionBinsOptions}
 * @returns the bins, row by row
 * @throws TypeError for a wrong type; RangeError for a value out of range
 * @see Dai et al., "Deformable Convolutional Networks" (2017), section 2.2
 * @example
 * ```ts
 * import { regionBins } from 'tfjs-convolutions/geometry';
 *
 * const options = { inputSize: 4, box: [1, 1, 3, 3], outputSize: 1, samplingRatio: 1, gamma: 0.5 } as const;
 * console.log(regionBins(options)[0].samples[0].place); // [1.5, 1.5]
 * // An offset of 1 moves the bin by half of the box, which is one cell, down.
 * console.log(regionBins({ ...options, offsets: [1, 0] })[0].samples[0].place); // [2.5, 1.5]
 * ```
 */
export function regionBins(options: RegionBinsOptions): RegionBin[] {
  checkOptions(ACTION, options, OPTIONS);
  const box = checkNumbers('box', options.box);
  if (box.length !== 4) throw rangeError(ACTION, 'box must be (y1, x1, y2, x2)', 'box', box);
  const spatialScale = checkNumber(ACTION, 'spatialScale', options.spatialScale ?? 1, { above: 0 });
  const gamma = checkNumber(ACTION, 'gamma', options.gamma ?? 0.1);
  const offsets = checkNumbers('offsets', options.offsets ?? []);
  const inputSize = toPair(ACTION, 'inputSize', options.inputSize, 1);
  const [height, width] = toPair(ACTION, 'outputSize', options.outputSize, 1);
  const samplingRatio = checkInteger(ACTION, 'samplingRatio', options.samplingRatio ?? 0, 0, MOST_SAMPLES);
  const [top, left, bottom, right] = box as [number, number, number, number];
  const [rows, columns] = [spanOf(top, bottom, spatialScale, 0.5), spanOf(left, right, spatialScale, 0.5)];
  checkSamples(samplingRatio, [rows, columns], [height, width]);
  return Array.from({ length: height * width }, (_, index) => {
    const bin = [Math.floor(index / width), index % width] as const;
    const [y, x] = [
      moveSpan(rows, gamma, offsets[2 * index] ?? 0),
      moveSpan(columns, gamma, offsets[2 * index + 1] ?? 0),
    ];
    const down = samplePositions(y, height, bin[0], samplingRatio);
    const across = samplePositions(x, width, bin[1], samplingRatio);
    const size = [y.size / height, x.size / width] as const;
    return {
      bin,
      start: [y.start + bin[0] * size[0], x.start + bin[1] * size[1]],
      size,
      samples: down.flatMap((row) =>
        across.map((column) => ({ place: [row, column] as const, cells: cellsAt([row, column], inputSize) })),
      ),
    };
  });
}

/** Checks the number of samples: all are listed, also those outside the image, so a large box would take too long. */
function checkSamples(samplingRatio: number, spans: readonly [Span, Span], bins: Place): void {
  const samples = spans.reduce((product, { size }, axis) => {
    const along = samplingRatio > 0 ? samplingRatio : Math.ceil(Math.max(size, 0) / bins[axis]!);
    return product * bins[axis]! * along;
  }, 1);
  if (samples > MOST || bins[0] * bins[1] > MOST) {
    throw rangeError(ACTION, `there must be at most ${MOST} bins and samples in all`, 'samples', samples);
  }
}

function checkNumbers(name: string, value: unknown): number[] {
  if (!Array.isArray(value)) throw typeError(ACTION, `${name} must be a list of numbers`, name, value);
  return value.map((number) => checkNumber(ACTION, name, number));
}

function samplePositions(span: Span, bins: number, bin: number, samplingRatio: number): number[] {
  const { count, at } = binSamples(span, bins, bin, samplingRatio);
  return Array.from({ length: Math.max(count, 0) }, (_, index) => at(index));
}

/** A sample near the edge reads at the edge; one further outside reads nothing. */
function cellsAt(place: Place, size: Place): WeightedCell[] {
  const isNear = place.every((at, axis) => at >= -ALIGNED.margin && at <= size[axis]! - 1 + ALIGNED.margin);
  const clamp = (at: number, last: number): number => Math.min(Math.max(at, 0), last);
  return isNear ? bilinearCells([clamp(place[0], size[0] - 1), clamp(place[1], size[1] - 1)], size) : [];
}
