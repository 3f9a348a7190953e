/**
 * Layers that TensorFlow.js (or this package) and Keras both have, with the options that mean the same in both, in Keras's
 * spelling. An option in neither list is refused, so that nothing in a file is ignored.
 */
import type { Config } from './keras_objects.js';

/** Options of one class of Keras. */
export interface LayerOptions {
  /** Class of TensorFlow.js or of this package that reads them. @default the same name */
  readonly layer?: string;
  readonly options: readonly string[];
  /** Options that TensorFlow.js does not have, with the only value that it computes. */
  readonly fixed?: Config;
  /** Options without influence on what the layer computes from its weights. */
  readonly ignored?: readonly string[];
}

const weight = (name: string): readonly string[] => [
  `${name}_initializer`,
  `${name}_regularizer`,
  `${name}_constraint`,
];
const BIAS = ['use_bias', ...weight('bias')];
const WINDOW = ['kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate', 'activation'];
const FILTERS = ['filters', ...weight('kernel'), ...BIAS];
const POOL = ['pool_size', 'strides', 'padding', 'data_format'];
const RANDOM = ['seed'];
const AUGMENTED = ['seed', 'data_format'];
const MOVED = [...AUGMENTED, 'fill_mode', 'fill_value', 'interpolation'];

const NO_REGULARIZER = { activity_regularizer: null };
const NOT_QUANTIZED = { quantization_config: null, lora_rank: null, lora_alpha: null };
const NOT_KEPT = { keepdims: false };

const merge: LayerOptions = { options: [] };
const globalPooling: LayerOptions = { options: [], fixed: { ...NOT_KEPT, data_format: 'channels_last' } };
const globalPooling2d: LayerOptions = { options: ['data_format'], fixed: NOT_KEPT };
const pooling1d: LayerOptions = {
  options: POOL.filter((option) => option !== 'data_format'),
  fixed: { data_format: 'channels_last' },
};
const pooling3d: LayerOptions = { options: POOL };

/** The layers by their class in Keras. */
export const LAYER_OPTIONS: Readonly<Record<string, LayerOptions>> = {
  Activation: { options: ['activation'] },
  Add: merge,
  AlphaDropout: { options: ['rate', 'noise_shape'], ignored: RANDOM },
  Average: merge,
  AveragePooling1D: pooling1d,
  AveragePooling2D: { layer: 'Convolutions>AveragePooling2D', options: POOL },
  AveragePooling3D: pooling3d,
  BatchNormalization: {
    layer: 'Convolutions>BatchNormalization',
    options: [
      ...['axis', 'momentum', 'epsilon', 'center', 'scale', 'moving_mean_initializer', 'moving_variance_initializer'],
      ...weight('beta'),
      ...weight('gamma'),
    ],
    fixed: { synchronized: false, renorm: false, virtual_batch_size: null, adjustment: null },
    ignored: ['fused', 'renorm_clipping', 'renorm_momentum'],
  },
  CenterCrop: { layer: 'Convolutions>CenterCrop', options: ['height', 'width', 'data_format'] },
  Concatenate: { options: ['axis'] },
  Conv1D: {
    options: [...WINDOW.filter((option) => option !== 'data_format'), ...FILTERS],
    fixed: { ...NO_REGULARIZER, ...NOT_QUANTIZED, groups: 1, data_format: 'channels_last' },
  },
  Conv2D: {
    layer: 'Convolutions>Conv2D',
    options: [...WINDOW, ...FILTERS, 'groups'],
    fixed: { ...NO_REGULARIZER, ...NOT_QUANTIZED },
  },
  Conv2DTranspose: {
    layer: 'Convolutions>Conv2DTranspose',
    options: [...WINDOW, ...FILTERS, 'output_padding'],
    fixed: { ...NO_REGULARIZER, groups: 1 },
  },
  Conv3D: {
    options: [...WINDOW, ...FILTERS],
    fixed: { ...NO_REGULARIZER, ...NOT_QUANTIZED, groups: 1 },
  },
  Cropping2D: { options: ['cropping', 'data_format'] },
  Dense: {
    options: ['units', 'activation', ...weight('kernel'), ...BIAS],
    fixed: { ...NO_REGULARIZER, ...NOT_QUANTIZED },
  },
  DepthwiseConv2D: {
    layer: 'Convolutions>DepthwiseConv2D',
    options: [...WINDOW, 'depth_multiplier', ...weight('depthwise'), ...BIAS],
    fixed: { ...NO_REGULARIZER, groups: 1 },
    ignored: weight('kernel'),
  },
  Dot: { options: ['axes', 'normalize'] },
  Dropout: { layer: 'Convolutions>Dropout', options: ['rate', 'noise_shape', 'seed'] },
  ELU: { options: ['alpha'] },
  Embedding: {
    options: ['input_dim', 'output_dim', 'mask_zero', ...weight('embeddings')],
    fixed: { ...NO_REGULARIZER, ...NOT_QUANTIZED, input_length: null, sparse: false },
  },
  Flatten: { options: ['data_format'] },
  GaussianDropout: { options: ['rate'], ignored: RANDOM },
  GaussianNoise: { options: ['stddev'], ignored: RANDOM },
  GlobalAveragePooling1D: globalPooling,
  GlobalAveragePooling2D: globalPooling2d,
  GlobalMaxPooling1D: globalPooling,
  GlobalMaxPooling2D: globalPooling2d,
  Identity: { layer: 'Convolutions>Identity', options: [] },
  LayerNormalization: {
    options: [
      ...['axis', 'epsilon', 'center', 'scale'],
      ...['beta_initializer', 'beta_regularizer', 'gamma_initializer', 'gamma_regularizer'],
    ],
    fixed: { rms_scaling: false, beta_constraint: null, gamma_constraint: null },
  },
  Masking: { options: ['mask_value'] },
  MaxPooling1D: pooling1d,
  MaxPooling2D: { layer: 'Convolutions>MaxPooling2D', options: POOL },
  MaxPooling3D: pooling3d,
  Maximum: merge,
  Minimum: merge,
  Multiply: merge,
  PReLU: { options: [...weight('alpha'), 'shared_axes'] },
  Permute: { options: ['dims'] },
  RandomBrightness: {
    layer: 'Convolutions>RandomBrightness',
    options: ['factor', 'value_range', ...AUGMENTED],
  },
  RandomContrast: {
    layer: 'Convolutions>RandomContrast',
    options: ['factor', 'value_range', ...AUGMENTED],
  },
  RandomFlip: { layer: 'Convolutions>RandomFlip', options: ['mode', ...AUGMENTED] },
  RandomRotation: { layer: 'Convolutions>RandomRotation', options: ['factor', ...MOVED] },
  RandomTranslation: {
    layer: 'Convolutions>RandomTranslation',
    options: ['height_factor', 'width_factor', ...MOVED],
  },
  RandomZoom: { layer: 'Convolutions>RandomZoom', options: ['height_factor', 'width_factor', ...MOVED] },
  RepeatVector: { options: ['n'] },
  Normalization: { layer: 'Convolutions>Normalization', options: ['axis', 'mean', 'variance', 'invert'] },
  Rescaling: { options: ['scale', 'offset'], ignored: ['data_format'] },
  Reshape: { options: ['target_shape'] },
  Resizing: {
    layer: 'Convolutions>Resizing',
    options: ['height', 'width', 'interpolation', 'data_format'],
    fixed: { crop_to_aspect_ratio: false, pad_to_aspect_ratio: false, antialias: false },
    ignored: ['fill_mode', 'fill_value'],
  },
  SeparableConv2D: {
    layer: 'Convolutions>DepthwiseSeparableConv2D',
    options: [...WINDOW, 'filters', 'depth_multiplier', ...weight('depthwise'), ...weight('pointwise'), ...BIAS],
    fixed: { ...NO_REGULARIZER, groups: 1 },
    ignored: weight('kernel'),
  },
  Softmax: { options: ['axis'] },
  SpatialDropout1D: { options: ['rate'], ignored: [...RANDOM, 'noise_shape'] },
  UpSampling2D: { layer: 'Convolutions>UpSampling2D', options: ['size', 'interpolation', 'data_format'] },
  ZeroPadding2D: { options: ['padding', 'data_format'] },
};

/** Layers of Keras that change their input only in training, and that are read as identities. */
export const AUGMENTATIONS: readonly string[] = [
  ...['RandomColorDegeneration', 'RandomColorJitter', 'RandomElasticTransform', 'RandomErasing', 'RandomGaussianBlur'],
  ...['RandomGrayscale', 'RandomHue', 'RandomInvert', 'RandomPerspective', 'RandomPosterization', 'RandomSaturation'],
  ...['RandomSharpness', 'RandomShear', 'RandAugment', 'AugMix'],
];
