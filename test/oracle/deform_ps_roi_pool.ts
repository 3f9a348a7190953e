/**
 * deformPsRoiPool in float64. The box is [round(start) · scale − ½, (round(end) + 1) · scale − ½], at least 0.1 in
 * size, ties away from zero. Sample s of bin i along an axis is at start + i · bin + s · bin / samplesPerPart +
 * transStd · size · offset, with the offset of part ⌊i · partSize / pooledSize⌋ and of the channel's class. It is
 * excluded if below −½ or above size − ½ of the image, and otherwise clamped to the image; a bin is the mean of the
 * remaining samples, 0 if there are none. Channel (c · groupSize + gi) · groupSize + gj.
 */
import {
  boxOf,
  cornersOf,
  featureIndex,
  gradientsOf,
  outputOf,
  positionsOf,
  round,
  type Reader,
  type RoiOracle,
  type See,
} from './roi.js';

export interface DeformPsRoiPoolOptions {
  readonly outputDim: number;
  readonly pooledSize: number;
  readonly groupSize: number;
  readonly partSize: number;
  readonly samplesPerPart: number;
  readonly spatialScale?: number;
  readonly transStd?: number;
}

function reader(options: DeformPsRoiPoolOptions, see?: See): Reader {
  const {
    outputDim,
    pooledSize,
    groupSize,
    partSize,
    samplesPerPart,
    spatialScale: scale = 1,
    transStd = 0.1,
  } = options;
  return (inputs, visit) => {
    const [, height, width] = inputs.x.shape as [number, number, number, number];
    const classes = inputs.offset ? inputs.offset.shape[3]! / 2 : 1;
    const start = (edge: number): number => round(edge) * scale - 0.5;
    const size = (from: number, to: number): number => Math.max((round(to) + 1) * scale - 0.5 - start(from), 0.1);
    inputs.boxIndices.data.forEach((_, k) => {
      const { y1, x1, y2, x2 } = boxOf(inputs, k);
      const [sizeY, sizeX] = [size(y1, y2), size(x1, x2)];
      for (let i = 0; i < pooledSize; i++) {
        for (let j = 0; j < pooledSize; j++) {
          for (let c = 0; c < outputDim; c++) {
            const partY = Math.floor((i * partSize) / pooledSize);
            const partX = Math.floor((j * partSize) / pooledSize);
            const owner = Math.floor(c / (outputDim / classes));
            const offset = (((k * partSize + partY) * partSize + partX) * classes + owner) * 2;
            const moveY = transStd * sizeY * (inputs.offset?.data[offset] ?? 0);
            const moveX = transStd * sizeX * (inputs.offset?.data[offset + 1] ?? 0);
            const groupY = Math.floor((i * groupSize) / pooledSize);
            const groupX = Math.floor((j * groupSize) / pooledSize);
            const channel = (c * groupSize + groupY) * groupSize + groupX;
            const kept: { y: number; x: number }[] = [];
            for (let s = 0; s < samplesPerPart; s++) {
              for (let t = 0; t < samplesPerPart; t++) {
                const y = start(y1) + moveY + ((i * samplesPerPart + s) * sizeY) / (pooledSize * samplesPerPart);
                const x = start(x1) + moveX + ((j * samplesPerPart + t) * sizeX) / (pooledSize * samplesPerPart);
                see?.(y, x);
                if (y >= -0.5 && y <= height - 0.5 && x >= -0.5 && x <= width - 0.5) kept.push({ y, x });
              }
            }
            for (const { y, x } of kept) {
              for (const { row, column, weight, dy, dx } of cornersOf(height, width, y, x)) {
                visit({
                  output: ((k * pooledSize + i) * pooledSize + j) * outputDim + c,
                  input: featureIndex(inputs, k, row, column, channel),
                  weight: weight / kept.length,
                  moved: {
                    offset,
                    dy: (transStd * sizeY * dy) / kept.length,
                    dx: (transStd * sizeX * dx) / kept.length,
                  },
                });
              }
            }
          }
        }
      }
    });
  };
}

export const deformPsRoiPool: RoiOracle<DeformPsRoiPoolOptions> = {
  value: (inputs, options) => {
    const shape = [inputs.boxIndices.shape[0]!, options.pooledSize, options.pooledSize, options.outputDim];
    return outputOf(shape, reader(options), inputs);
  },
  gradients: (inputs, options, upstream, absolute) => gradientsOf(reader(options), inputs, upstream, absolute),
  positions: (inputs, options) => positionsOf((see) => reader(options, see), inputs),
};
