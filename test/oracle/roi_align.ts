/**
 * roiAlign, psRoiAlign and deformRoiPool in float64. The box [start, end] · scale − shift is divided into bins; bin i
 * of an axis has g samples at start + (i + (s + ½) / g) · bin, plus gamma · size · offset where it is deformed, with g
 * the samplingRatio or ⌈size / bins⌉. A sample is 0 unless −1 ≤ y ≤ H and −1 ≤ x ≤ W, and is otherwise clamped to the
 * image; a bin is the mean of its g · g samples, 0 if there are none.
 */
import {
  boxOf,
  cornersOf,
  featureIndex,
  gradientsOf,
  outputOf,
  positionsOf,
  type Reader,
  type RoiOracle,
  type See,
} from './roi.js';

export interface RoiAlignOptions {
  readonly outputSize: readonly [number, number];
  readonly spatialScale?: number;
  readonly samplingRatio?: number;
  readonly aligned?: boolean;
  /** Of deformRoiPool. */
  readonly gamma?: number;
}

interface Form extends RoiAlignOptions {
  readonly positionSensitive: boolean;
}

function reader(form: Form, see?: See): Reader {
  const { outputSize, spatialScale: scale = 1, samplingRatio = 0, aligned = false, gamma = 0.1 } = form;
  const [binsY, binsX] = outputSize;
  return (inputs, visit) => {
    const [, height, width, inChannels] = inputs.x.shape as [number, number, number, number];
    const channels = form.positionSensitive ? inChannels / (binsY * binsX) : inChannels;
    const shift = aligned ? 0.5 : 0;
    inputs.boxIndices.data.forEach((_, k) => {
      const { y1, x1, y2, x2 } = boxOf(inputs, k);
      const least = aligned ? -Infinity : 1;
      const sizeY = Math.max(y2 * scale - y1 * scale, least);
      const sizeX = Math.max(x2 * scale - x1 * scale, least);
      const samplesY = samplingRatio > 0 ? samplingRatio : Math.ceil(sizeY / binsY);
      const samplesX = samplingRatio > 0 ? samplingRatio : Math.ceil(sizeX / binsX);
      for (let i = 0; i < binsY; i++) {
        for (let j = 0; j < binsX; j++) {
          const bin = (k * binsY + i) * binsX + j;
          const moveY = gamma * sizeY * (inputs.offset?.data[bin * 2] ?? 0);
          const moveX = gamma * sizeX * (inputs.offset?.data[bin * 2 + 1] ?? 0);
          for (let s = 0; s < samplesY; s++) {
            for (let t = 0; t < samplesX; t++) {
              const y = y1 * scale - shift + moveY + (i + (s + 0.5) / samplesY) * (sizeY / binsY);
              const x = x1 * scale - shift + moveX + (j + (t + 0.5) / samplesX) * (sizeX / binsX);
              see?.(y, x);
              if (!(y >= -1 && y <= height && x >= -1 && x <= width)) continue;
              for (const { row, column, weight, dy, dx } of cornersOf(height, width, y, x)) {
                for (let c = 0; c < channels; c++) {
                  const from = form.positionSensitive ? (c * binsY + i) * binsX + j : c;
                  const count = samplesY * samplesX;
                  visit({
                    output: bin * channels + c,
                    input: featureIndex(inputs, k, row, column, from),
                    weight: weight / count,
                    moved: { offset: bin * 2, dy: (gamma * sizeY * dy) / count, dx: (gamma * sizeX * dx) / count },
                  });
                }
              }
            }
          }
        }
      }
    });
  };
}

function oracle(formOf: (options: RoiAlignOptions) => Form): RoiOracle<RoiAlignOptions> {
  return {
    value: (inputs, options) => {
      const form = formOf(options);
      const [height, width] = form.outputSize;
      const channels = form.positionSensitive ? inputs.x.shape[3]! / (height * width) : inputs.x.shape[3]!;
      return outputOf([inputs.boxIndices.shape[0]!, height, width, channels], reader(form), inputs);
    },
    gradients: (inputs, options, upstream, absolute) =>
      gradientsOf(reader(formOf(options)), inputs, upstream, absolute),
    positions: (inputs, options) => positionsOf((see) => reader(formOf(options), see), inputs),
  };
}

export const roiAlign = oracle((options) => ({ ...options, positionSensitive: false }));
export const psRoiAlign = oracle((options) => ({ ...options, aligned: true, positionSensitive: true }));
export const deformRoiPool = oracle((options) => ({ ...options, aligned: true, positionSensitive: false }));
