/** The operators that golden files may name, and how each is called. */

export interface OperatorForm {
  /** Name of the exported function; a case of one that is not there yet is skipped. */
  readonly function: string;
  /** Positional arguments. */
  readonly inputs: readonly string[];
  /** Tensors that are passed among the options. */
  readonly optionalInputs: readonly string[];
  /** The other options. */
  readonly attributes: readonly string[];
  /** Inputs without a gradient; `boxIndices` among them is int32. */
  readonly constants: readonly string[];
}

const WINDOW = ['strides', 'padding', 'dilations'] as const;

function operator(
  name: string,
  inputs: readonly string[],
  optionalInputs: readonly string[],
  attributes: readonly string[],
): OperatorForm {
  return { function: name, inputs, optionalInputs, attributes, constants: ['boxes', 'boxIndices'] };
}

const image = ['x', 'filter'] as const;
const regions = ['x', 'boxes', 'boxIndices'] as const;
const sampled = ['x', 'offset', 'mask'] as const;
const pooling = ['outputSize', 'spatialScale', 'samplingRatio', 'aligned'] as const;
const deformV3 = ['kernelSize', ...WINDOW, 'groups', 'offsetScale', 'removeCenter', 'softmax'] as const;
const deformPsRoi = [
  'groupSize',
  'outputDim',
  'partSize',
  'pooledSize',
  'samplesPerPart',
  'spatialScale',
  'transStd',
] as const;

export const OPERATORS: ReadonlyMap<string, OperatorForm> = new Map([
  ['conv2d', operator('conv2d', image, ['bias'], [...WINDOW, 'groups', 'paddingMode'])],
  ['depthwise_conv2d', operator('depthwiseConv2d', image, ['bias'], [...WINDOW, 'paddingMode'])],
  ['conv2d_transpose', operator('conv2dTranspose', image, ['bias'], [...WINDOW, 'outputPadding', 'groups'])],
  [
    'deform_conv2d',
    operator('deformConv2d', ['x', 'offset', 'filter'], ['mask', 'bias'], [...WINDOW, 'groups', 'offsetGroups']),
  ],
  ['dcnv3', operator('deformConv2dV3', sampled, [], deformV3)],
  ['dcnv4', operator('deformConv2dV3', sampled, [], deformV3)],
  ['roi_pool', operator('roiPool', regions, [], pooling)],
  ['roi_align', operator('roiAlign', regions, [], pooling)],
  ['ps_roi_pool', operator('psRoiPool', regions, [], pooling)],
  ['ps_roi_align', operator('psRoiAlign', regions, [], pooling)],
  [
    'deform_roi_pool',
    operator('deformRoiPool', regions, ['offset'], ['outputSize', 'spatialScale', 'samplingRatio', 'gamma']),
  ],
  ['deform_psroi_pool', operator('deformPsRoiPool', regions, ['offset'], deformPsRoi)],
]);
