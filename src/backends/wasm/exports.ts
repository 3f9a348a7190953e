/** Functions exported by the wasm kernels (assembly/index.ts). All parameters are numbers; addresses are in bytes. */

type Kernel = (...values: number[]) => void;
/** Size in bytes as a float64 number: 32 bits could overflow. */
type Measure = (value: number) => number;

/** Exported functions of the wasm binary: kernels, and the sizes of the scratch memory that some of them need. */
export interface KernelExports {
  readonly activationForward: Kernel;
  readonly activationBackward: Kernel;
  readonly convolutionScratch: Measure;
  readonly convolutionForward: Kernel;
  readonly packedFilterBytes: Measure;
  readonly packFilter: Kernel;
  readonly packedTransposeBytes: Measure;
  readonly packTranspose: Kernel;
  readonly convolutionTileScratch: Measure;
  readonly convolutionBackwardData: Kernel;
  readonly convolutionFilterScratch: Measure;
  readonly convolutionBackwardFilter: Kernel;
  readonly depthwiseScratch: Measure;
  readonly depthwiseForward: Kernel;
  readonly depthwiseBackwardInput: Kernel;
  readonly depthwiseBackwardFilter: Kernel;
  readonly deformDepthwiseScratch: Measure;
  readonly deformDepthwiseForward: Kernel;
  readonly deformDepthwiseBackwardData: Kernel;
  readonly deformDepthwiseBackwardFilter: Kernel;
  readonly outerColumnsScratch: (geometry: number, count: number) => number;
  readonly outerColumnsGather: (...values: number[]) => number;
  readonly outerColumnsScatter: Kernel;
  readonly batchNormScratch: Measure;
  readonly batchNormForward: Kernel;
  readonly batchNormBackward: Kernel;
  readonly batchNormInferenceForward: Kernel;
  readonly batchNormInferenceBackward: Kernel;
  readonly batchNormPivots: Kernel;
  readonly batchNormSums: Kernel;
  readonly batchNormMean: Kernel;
  readonly batchNormVariance: Kernel;
  readonly batchNormScales: Kernel;
  readonly batchNormRows: Kernel;
  readonly batchNormGradientSums: Kernel;
  readonly batchNormGradients: Kernel;
  readonly batchNormGradientRows: Kernel;
  readonly addSums: Kernel;
  readonly biasScratch: Measure;
  readonly biasForward: Kernel;
  readonly biasBackward: Kernel;
  readonly biasGradient: Kernel;
  readonly poolScratch: Measure;
  readonly maxPoolForward: Kernel;
  readonly maxPoolBackward: Kernel;
  readonly maxPoolSelect: Kernel;
  readonly avgPoolForward: Kernel;
  readonly avgPoolBackward: Kernel;
  readonly adamUpdate: Kernel;
  readonly weightedSum: Kernel;
  readonly addSquares: Kernel;
  readonly clipByNorm: Kernel;
  readonly clipByValue: Kernel;
  readonly copyRows: Kernel;
  readonly dropoutNoise: Kernel;
  readonly dropoutApply: Kernel;
  readonly dropoutApplyShared: Kernel;
  readonly softmaxTaps: Kernel;
  readonly roiPixelBytes: () => number;
  readonly roiForward: Kernel;
  readonly roiBackward: Kernel;
  readonly roiMaximumForward: Kernel;
  readonly roiMaximumBackward: Kernel;
}
