/** Kernels that are divided among threads. */
import type { KernelExports } from '../exports.js';
import {
  batchNormBackwardSplit,
  batchNormForwardSplit,
  batchNormInferenceForwardSplit,
  batchNormRowsSplit,
  biasBackwardSplit,
  biasForwardSplit,
} from './batch_norm_split.js';
import { independentSplit, type ConvolutionSplit } from './convolution_split.js';
import { elementSplit, structSplit } from './element_split.js';
import { filterSplit } from './filter_split.js';
import { imageParts, inputParts, outputParts, sampledParts } from './parts.js';
import type { WasmGeometry } from '../geometry.js';
import { OPERANDS } from '../operands.js';
import { readStruct } from '../struct.js';
import { sampledGradientSplit } from './sampled_gradient_split.js';
import type { Split } from './split.js';

/** A deformable and a plain convolution are the same kernel; only the latter has no offsets. */
const byOffsets =
  (plain: Split, deformable: Split): Split =>
  (context, values) =>
    readStruct(context.memory, OPERANDS, values[0]!).offset === 0
      ? plain(context, values)
      : deformable(context, values);

const forward = { kernel: 'convolutionForward', measure: 'convolutionScratch', cost: 1 } as const;
const data = { kernel: 'convolutionBackwardData', measure: 'convolutionScratch', cost: 1 } as const;

/** Images, or nothing: pooling gradients of overlapping windows are sums. */
const wholeImages = (g: WasmGeometry, count: number) => imageParts(g, Math.min(count, g.batch));

const pool = (kernel: keyof KernelExports): ConvolutionSplit => ({
  kernel,
  measure: 'poolScratch',
  // Relative to one multiplication for each channel, of which `multiplications` counts `inChannels`.
  cost: 1,
});

export const SPLITS: Readonly<Partial<Record<keyof KernelExports, Split>>> = {
  convolutionForward: byOffsets(independentSplit(forward, outputParts), independentSplit(forward, sampledParts)),
  convolutionBackwardData: byOffsets(
    independentSplit(data, inputParts),
    sampledGradientSplit({
      ...data,
      pack: { kernel: 'packTranspose', measure: 'packedTransposeBytes', partScratch: 'convolutionTileScratch' },
    }),
  ),
  convolutionBackwardFilter: filterSplit({
    kernel: 'convolutionBackwardFilter',
    measure: 'convolutionFilterScratch',
    cost: 1,
  }),
  deformDepthwiseForward: independentSplit(
    { kernel: 'deformDepthwiseForward', measure: 'deformDepthwiseScratch', cost: 8 },
    sampledParts,
  ),
  deformDepthwiseBackwardData: sampledGradientSplit({
    kernel: 'deformDepthwiseBackwardData',
    measure: 'deformDepthwiseScratch',
    cost: 16,
  }),
  deformDepthwiseBackwardFilter: filterSplit({
    kernel: 'deformDepthwiseBackwardFilter',
    measure: 'deformDepthwiseScratch',
    cost: 8,
  }),
  depthwiseForward: independentSplit(
    {
      kernel: 'depthwiseForward',
      measure: 'depthwiseScratch',
      cost: 2,
    },
    outputParts,
  ),
  depthwiseBackwardInput: independentSplit(
    {
      kernel: 'depthwiseBackwardInput',
      measure: 'depthwiseScratch',
      cost: 2,
    },
    inputParts,
  ),
  depthwiseBackwardFilter: filterSplit({ kernel: 'depthwiseBackwardFilter', cost: 2 }),
  maxPoolForward: independentSplit(pool('maxPoolForward'), outputParts),
  maxPoolBackward: independentSplit(pool('maxPoolBackward'), wholeImages),
  avgPoolForward: independentSplit(pool('avgPoolForward'), outputParts),
  avgPoolBackward: independentSplit(pool('avgPoolBackward'), wholeImages),
  batchNormForward: batchNormForwardSplit,
  batchNormBackward: batchNormBackwardSplit(true),
  batchNormInferenceForward: batchNormInferenceForwardSplit,
  batchNormRows: batchNormRowsSplit,
  batchNormInferenceBackward: batchNormBackwardSplit(false),
  biasForward: biasForwardSplit,
  biasBackward: biasBackwardSplit,
  activationForward: elementSplit('activationForward', 2),
  activationBackward: elementSplit('activationBackward', 3),
  weightedSum: elementSplit('weightedSum', 3),
  clipByNorm: elementSplit('clipByNorm', 2),
  clipByValue: elementSplit('clipByValue', 2),
  adamUpdate: structSplit('adamUpdate', 7),
};

/** Kernels whose results depend on their division, which one thread therefore makes too. */
export const SUMMED = ['convolutionBackwardData', 'deformDepthwiseBackwardData'] as const;
