/** Deformable RoI pooling. */
import { regionBins, type RegionBin } from 'tfjs-convolutions/geometry';
import type { Convolution } from '../model/convolution.js';
import type { Settings } from '../model/settings.js';
import { regionStage } from '../model/stage.js';
import { formula, INPUT_FIELDS, inputShapeOf, inputSizeOf } from './common.js';

const binsOf = (s: Settings): [number, number] => [s.binRows, s.binColumns];

const boxOf = ({ box }: Settings): [number, number, number, number] => [box[0]!, box[1]!, box[2]!, box[3]!];

/** Moved bins of a view. */
export const binsAt = (s: Settings): RegionBin[] =>
  regionBins({
    inputSize: inputSizeOf(s),
    box: boxOf(s),
    outputSize: binsOf(s),
    samplingRatio: s.samples,
    gamma: s.gamma,
    offsets: s.offsets,
  });

const layerArgs = (s: Settings) => ({ outputSize: binsOf(s), samplingRatio: s.samples, gamma: s.gamma });

export const roiPooling: Convolution = {
  name: 'roi-pooling',
  title: 'Deformable RoI pooling',
  purpose:
    'Crops the features of one object out of a feature map, into a small grid of bins that shift to follow its parts. Used in Deformable R-FCN and Faster R-CNN.',
  mistake: {
    said: 'An offset moves a bin by that many cells.',
    fact: 'Offsets are fractions, scaled by γ and the size of the box, so the same offset moves a bin of a larger box farther. In Faster R-CNN, a fully connected layer predicts them from the pooled box; in Deformable R-FCN, they are pooled from maps that a convolution computes.',
    example: 'the same offset in a larger box',
  },
  fields: [...INPUT_FIELDS, 'binRows', 'binColumns', 'samples', 'gamma'],
  defaults: { height: 9, width: 9, samples: 2, offsets: [0, 0, 0, 0, 0, 0, 0, 0, 1, 0.5] },
  drags: 'bins',
  examples: [
    {
      label: 'the same offset in a larger box',
      set: (s) => ({ height: 9, width: 9, box: [0, 0, 9, 9], offsets: s.offsets }),
    },
    { label: 'a small box', set: () => ({ height: 9, width: 9, box: [2, 2, 6.5, 6.5] }) },
    { label: 'at rest: RoIAlign', set: () => ({ offsets: [] }) },
  ],
  stages: (s) => [regionStage(binsAt(s), binsOf(s), s.channels)],
  network: (s) => ({
    inputShapes: [inputShapeOf(s), [4], [1]],
    layers: [{ factory: 'deformableRoiPool', args: { ...layerArgs(s), offsetUnits: [] } }],
  }),
  steps: (s) => {
    const offsets = Array.from({ length: 2 * s.binRows * s.binColumns }, (_, index) => s.offsets[index] ?? 0);
    return [
      {
        from: 0,
        layer: { factory: 'deformableRoiPool', args: { ...layerArgs(s), predictOffsets: false } },
        stages: [],
        extra: [
          { shape: [1, 4], values: boxOf(s), dtype: 'float32' },
          { shape: [1, 1], values: [0], dtype: 'int32' },
          { shape: [1, ...binsOf(s), 2], values: offsets, dtype: 'float32' },
        ],
      },
    ];
  },
  formulas: (s) => {
    const bins = s.binRows * s.binColumns;
    return {
      size: { symbols: 'bins × C', numbers: [...binsOf(s), s.channels].join(' × ') },
      params: formula('of the fully connected layer: (bins · C + 1) · 2 bins', [[bins * s.channels + 1, 2 * bins]]),
      macs: formula('of the fully connected layer: bins · C · 2 bins', [[bins * s.channels, 2 * bins]]),
    };
  },
};
