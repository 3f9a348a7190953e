/** Entry point of the wasm kernels: exports the functions that src/backends/wasm calls. */
export { activationBackward, activationForward } from './activation';
export { adamUpdate } from './adam';
export { avgPoolBackward, avgPoolForward } from './avg_pool';
export {
  batchNormBackward,
  batchNormForward,
  batchNormGradientRows,
  batchNormGradients,
  batchNormInferenceBackward,
  batchNormInferenceForward,
  batchNormMean,
  batchNormPivots,
  batchNormRows,
  batchNormScales,
  batchNormScratch,
  batchNormVariance,
} from './batch_norm';
export { addSums, batchNormGradientSums, batchNormSums } from './batch_norm_sums';
export { biasBackward, biasForward, biasGradient, biasScratch } from './bias';
export { addSquares, clipByNorm, clipByValue } from './clip';
export {
  convolutionBackwardData,
  convolutionForward,
  convolutionScratch,
  packedFilterBytes,
  packFilter,
  packedTransposeBytes,
  packTranspose,
  convolutionTileScratch,
} from './convolution';
export { convolutionBackwardFilter, convolutionFilterScratch } from './convolution_filter';
export { copyRows } from './copy_rows';
export {
  deformDepthwiseBackwardData,
  deformDepthwiseBackwardFilter,
  deformDepthwiseForward,
  deformDepthwiseScratch,
} from './deform_depthwise';
export { depthwiseBackwardInput, depthwiseForward, depthwiseScratch } from './depthwise';
export { depthwiseBackwardFilter } from './depthwise_filter';
export { dropoutApply, dropoutApplyShared, dropoutNoise } from './dropout';
export { maxPoolBackward, maxPoolForward, maxPoolSelect } from './max_pool';
export { outerColumnsGather, outerColumnsScatter, outerColumnsScratch } from './outer_columns';
export { poolScratch } from './pool_windows';
export { roiBackward, roiForward, roiMaximumBackward, roiMaximumForward, roiPixelBytes } from './roi';
export { softmaxTaps } from './softmax';
export { weightedSum } from './weighted_sum';
