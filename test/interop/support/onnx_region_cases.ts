/** Every region layer, with every option that changes the graph, on boxes inside, outside and across the border. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import type { ExportCase } from './onnx_exports.js';

const L = conv.layers;

/** (y1, x1, y2, x2) in pixels; the last ones are empty, inverted and far outside. */
const BOXES = [
  ...[0.3, 1.2, 7.9, 6.1, 2, 3, 9, 11.5, -3.2, -1.4, 4.6, 5.5, 5.1, 6.2, 14.3, 19.7, 1.5, 1.5, 2.25, 2.75],
  ...[3, 3, 3, 3, 6, 7, 4, 2, 40, 50, 60, 70],
];
const COUNT = BOXES.length / 4;

interface RegionCase {
  readonly name: string;
  readonly channels: number;
  readonly layer: () => tf.layers.Layer;
  /** Shape of given offsets without the box axis. @default none */
  readonly offset?: readonly number[];
}

const CASES: readonly RegionCase[] = [
  { name: 'roiAlign', channels: 3, layer: () => L.roiAlign({ outputSize: [2, 3], samplingRatio: 2 }) },
  {
    name: 'roiAlign, aligned',
    channels: 3,
    layer: () => L.roiAlign({ outputSize: 2, aligned: true, spatialScale: 0.5 }),
  },
  { name: 'roiAlign, adaptive', channels: 3, layer: () => L.roiAlign({ outputSize: 3 }) },
  { name: 'roiPool', channels: 3, layer: () => L.roiPool({ outputSize: [3, 2], spatialScale: 0.7 }) },
  { name: 'psRoiAlign', channels: 12, layer: () => L.psRoiAlign({ outputSize: [2, 3], samplingRatio: 3 }) },
  { name: 'psRoiAlign, adaptive', channels: 8, layer: () => L.psRoiAlign({ outputSize: 2, spatialScale: 0.6 }) },
  { name: 'psRoiPool', channels: 12, layer: () => L.psRoiPool({ outputSize: [2, 3], spatialScale: 0.8 }) },
  {
    name: 'deformableRoiPool',
    channels: 3,
    layer: () => L.deformableRoiPool({ outputSize: [2, 3], samplingRatio: 2, offsetUnits: [7], gamma: 0.5 }),
  },
  {
    name: 'deformableRoiPool, adaptive, given offsets',
    channels: 3,
    layer: () => L.deformableRoiPool({ outputSize: 2, spatialScale: 0.8, predictOffsets: false }),
    offset: [2, 2, 2],
  },
  {
    name: 'deformableRoiPool without offsets',
    channels: 3,
    layer: () => L.deformableRoiPool({ outputSize: 2, predictOffsets: false }),
  },
  {
    name: 'deformablePsRoiPool',
    channels: 16,
    layer: () => L.deformablePsRoiPool({ outputDim: 4, pooledSize: 3, groupSize: 2, partSize: 2, classes: 2, offsetUnits: [], transStd: 0.4 }), // prettier-ignore
  },
  {
    name: 'deformablePsRoiPool, given offsets',
    channels: 18,
    layer: () => L.deformablePsRoiPool({ outputDim: 2, pooledSize: 3, samplesPerPart: 2, spatialScale: 0.5, predictOffsets: false }), // prettier-ignore
    offset: [3, 3, 2],
  },
  {
    name: 'psRoiPool of a channels-first map',
    channels: -8,
    layer: () => L.psRoiPool({ outputSize: 2, dataFormat: 'channelsFirst' }),
  },
];

export const REGION_CASES: readonly ExportCase[] = CASES.map(({ name, channels, layer, offset }) => {
  const isFirst = channels < 0;
  const features = (height: number | null, width: number | null): (number | null)[] =>
    isFirst ? [-channels, height, width] : [height, width, channels];
  const shapesOf = (batch: number, height: number, width: number): number[][] => [
    [batch, ...(features(height, width) as number[])],
    [COUNT, 4],
    [COUNT, 1],
    ...(offset === undefined ? [] : [[COUNT, ...offset]]),
  ];
  return {
    name,
    build: () => {
      const inputs = [
        tf.input({ shape: features(null, null), name: 'features' }),
        tf.input({ shape: [4], name: 'boxes' }),
        tf.input({ shape: [1], dtype: 'int32', name: 'indices' }),
        ...(offset === undefined ? [] : [tf.input({ shape: [...offset], name: 'offset' })]),
      ];
      return tf.model({ inputs, outputs: layer().apply(inputs) as tf.SymbolicTensor });
    },
    runs: [shapesOf(2, 9, 12), shapesOf(1, 12, 7)],
    given: ([map]) => ({
      boxes: BOXES,
      indices: Array.from({ length: COUNT }, (_, box) => box % map![0]!),
    }),
  };
});
