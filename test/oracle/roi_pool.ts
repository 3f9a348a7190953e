/**
 * roiPool and psRoiPool in float64. Edges are round(edge · scale), ties away from zero. Of a box of p pixels bin i of
 * an axis of b bins has the pixels from ⌊i · p / b⌋ up to ⌈(i + 1) · p / b⌉ after the first, clipped to the image.
 *
 * roiPool: p = end − start + 1, at least 1; a bin is its largest pixel, the first of equal ones; NaN is skipped (−∞ if
 * there is nothing else, with a gradient of 0). psRoiPool: p = end − start, at least 1, clipped to [0, size − 1]; a bin
 * is the mean of its pixels. An empty bin is 0.
 */
import {
  boxOf,
  featureIndex,
  gradientsOf,
  outputOf,
  round,
  type Reader,
  type RoiInputs,
  type RoiOracle,
} from './roi.js';

export interface RoiPoolOptions {
  readonly outputSize: readonly [number, number];
  readonly spatialScale?: number;
}

/** Calls `visit` with the pixels of every bin and channel. */
function bins(
  inputs: RoiInputs,
  { outputSize, spatialScale: scale = 1 }: RoiPoolOptions,
  positionSensitive: boolean,
  visit: (output: number, pixels: readonly number[]) => void,
): void {
  const [binsY, binsX] = outputSize;
  const [, height, width, inChannels] = inputs.x.shape as [number, number, number, number];
  const channels = positionSensitive ? inChannels / (binsY * binsX) : inChannels;
  const binPixels = (start: number, end: number, count: number, bin: number, size: number): number[] => {
    const first = round(start * scale);
    const pixels = Math.max(round(end * scale) - first + (positionSensitive ? 0 : 1), 1);
    const from = Math.max(first + Math.floor((bin * pixels) / count), 0);
    const to = Math.min(first + Math.ceil(((bin + 1) * pixels) / count), positionSensitive ? size - 1 : size);
    const all: number[] = [];
    for (let pixel = from; pixel < to; pixel++) all.push(pixel);
    return all;
  };
  inputs.boxIndices.data.forEach((_, k) => {
    const { y1, x1, y2, x2 } = boxOf(inputs, k);
    for (let i = 0; i < binsY; i++) {
      for (let j = 0; j < binsX; j++) {
        const rows = binPixels(y1, y2, binsY, i, height);
        const columns = binPixels(x1, x2, binsX, j, width);
        for (let c = 0; c < channels; c++) {
          const from = positionSensitive ? (c * binsY + i) * binsX + j : c;
          visit(
            ((k * binsY + i) * binsX + j) * channels + c,
            rows.flatMap((row) => columns.map((column) => featureIndex(inputs, k, row, column, from))),
          );
        }
      }
    }
  });
}

/** The largest pixel, the first of equal ones; undefined if all are NaN or −∞. */
function largestOf({ x }: RoiInputs, pixels: readonly number[]): number | undefined {
  let maximum: number | undefined;
  for (const pixel of pixels) {
    if (x.data[pixel]! > (maximum === undefined ? -Infinity : x.data[maximum]!)) maximum = pixel;
  }
  return maximum;
}

function oracle(positionSensitive: boolean): RoiOracle<RoiPoolOptions> {
  const reader =
    (options: RoiPoolOptions): Reader =>
    (inputs, visit) => {
      bins(inputs, options, positionSensitive, (output, pixels) => {
        if (positionSensitive) {
          for (const input of pixels) visit({ output, input, weight: 1 / pixels.length });
        } else {
          const input = largestOf(inputs, pixels);
          if (input !== undefined) visit({ output, input, weight: 1 });
        }
      });
    };
  return {
    value: (inputs, options) => {
      const [height, width] = options.outputSize;
      const channels = inputs.x.shape[3]! / (positionSensitive ? height * width : 1);
      const y = outputOf([inputs.boxIndices.shape[0]!, height, width, channels], reader(options), inputs);
      if (positionSensitive) return y;
      bins(inputs, options, positionSensitive, (output, pixels) => {
        if (pixels.length > 0 && largestOf(inputs, pixels) === undefined) y.data[output] = -Infinity;
      });
      return y;
    },
    gradients: (inputs, options, upstream, absolute) => gradientsOf(reader(options), inputs, upstream, absolute),
  };
}

export const roiPool = oracle(false);
export const psRoiPool = oracle(true);
