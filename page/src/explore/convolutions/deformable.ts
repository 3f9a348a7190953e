/** The deformable convolution, versions 1 and 2. */
import type { Convolution } from '../model/convolution.js';
import { SPECIAL_OFFSETS } from '../model/offsets.js';
import type { Values } from '../model/question.js';
import type { Settings } from '../model/settings.js';
import { deformableStage, type Stage } from '../model/stage.js';
import {
  biasTerm,
  formula,
  INPUT_FIELDS,
  inputShapeOf,
  kernelSizeOf,
  lastOf,
  plainNetwork,
  plainTitle,
  sizeFormula,
  slidingOptions,
  windowArgs,
} from './common.js';

const isModulated = ({ version }: Settings): boolean => version === 'v2';

const tapsOf = ({ kernelHeight, kernelWidth }: Settings): number => kernelHeight * kernelWidth;

/** Output channels of the offset convolution: two per tap, plus a mask in version 2. */
const predicted = (s: Settings): number => tapsOf(s) * (isModulated(s) ? 3 : 2);

/** The same values at every output position. */
function everywhere({ outputSize }: Stage, values: readonly number[]): Values {
  const positions = outputSize[0] * outputSize[1];
  return {
    shape: [1, ...outputSize, values.length],
    values: Array.from({ length: positions }, () => values).flat(),
    dtype: 'float32',
  };
}

const filled = (list: readonly number[], length: number, otherwise: number): number[] =>
  Array.from({ length }, (_, index) => list[index] ?? otherwise);

const layerArgs = (s: Settings) => ({ filters: s.filters, ...windowArgs(s), modulated: isModulated(s) });

export const deformable: Convolution = {
  name: 'deformable',
  title: 'Deformable',
  purpose:
    'Looks where the object is. A second convolution predicts, from the input, an offset for every tap and, in version 2, a mask that weights it. Used to detect and segment objects that deform.',
  mistake: {
    said: 'Offsets need labels, or a training stage of their own.',
    fact: 'They are learned along with the kernel, by ordinary backpropagation. They are fractional, so each tap interpolates between four cells. The convolution that predicts them is not free: it has 2K² output channels in version 1 and 3K² in version 2, and often costs more than the convolution itself.',
    example: 'rotation',
  },
  fields: [
    ...INPUT_FIELDS,
    'filters',
    'kernelHeight',
    'kernelWidth',
    'stride',
    'padding',
    'amount',
    'dilation',
    'version',
    'bias',
  ],
  defaults: { padding: 'amount', offsets: [0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0.25] },
  drags: 'taps',
  examples: [
    { label: 'scale', set: (s) => ({ offsets: SPECIAL_OFFSETS.scale(s) }) },
    { label: 'aspect ratio', set: (s) => ({ offsets: SPECIAL_OFFSETS.aspectRatio(s) }) },
    { label: 'rotation', set: (s) => ({ offsets: SPECIAL_OFFSETS.rotation(s) }) },
    { label: 'at rest: a plain convolution', set: () => ({ offsets: [], masks: [] }) },
  ],
  stages: (s) => [
    deformableStage(
      'Kernel',
      slidingOptions(s),
      { inChannels: s.channels, filters: s.filters },
      { offsets: s.offsets, masks: isModulated(s) ? s.masks : [] },
    ),
  ],
  network: (s) => ({
    inputShapes: [inputShapeOf(s)],
    layers: [{ factory: 'deformableConv2d', args: layerArgs(s) }],
  }),
  steps: (s, stages) => [
    {
      from: 0,
      layer: { factory: 'deformableConv2d', args: { ...layerArgs(s), predictOffsets: false } },
      stages: [0],
      extra: [
        everywhere(lastOf(stages), filled(s.offsets, 2 * tapsOf(s), 0)),
        ...(isModulated(s) ? [everywhere(lastOf(stages), filled(s.masks, tapsOf(s), 1))] : []),
      ],
    },
  ],
  peer: (s) => ({ title: plainTitle(s), network: plainNetwork({ ...s, mode: 'zeros' }, s.filters) }),
  formulas: (s, stages) => {
    const kernel = kernelSizeOf(s);
    const { outputSize } = lastOf(stages);
    const weights = [...kernel, s.channels, s.filters];
    const offsets = [...kernel, s.channels, predicted(s)];
    const outputs = isModulated(s) ? '3K²' : '2K²';
    return {
      size: sizeFormula(s, outputSize),
      params: formula(`K²CM + K²C · ${outputs} + ${outputs} (the offsets’ bias)`, [
        weights,
        offsets,
        [predicted(s)],
        ...biasTerm(s, s.filters),
      ]),
      macs: formula(`(K²CM + K²C · ${outputs}) · HW, and 4 reads a tap and channel`, [
        [...weights, ...outputSize],
        [...offsets, ...outputSize],
      ]),
    };
  },
};
