/** Rows of the networks and of what is made of networks. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import {
  activation,
  boolean,
  but,
  count,
  hostActivation,
  integer,
  knownName,
  list,
  nested,
  nullable,
  number,
  oneOf,
  openImageShape,
  required,
  word,
  type Kind,
} from '../kinds.js';
import { row, type Row } from '../row.js';

const DEFORMABLE = nested({ last: required(integer(0, 60)), modulated: boolean }, { last: 1 });
const alpha = number({ from: 1 / 32, to: 16 });
const listedAlpha = but(oneOf(0.5, 1, 1.5, 2), 0.75);
const momentum = number({ from: 0, below: 1 });
const variant = word('keras', 'torchvision', 'timm');
const WITHOUT_NORMALIZATION = {
  alpha,
  inputShape: openImageShape,
  classes: count,
  includeTop: boolean,
  pooling: nullable(word('avg', 'max')),
  dropout: number({ from: 0, below: 1 }),
  classifierActivation: hostActivation,
  deformable: DEFORMABLE,
  downsampling: integer(0, 20),
} satisfies Readonly<Record<string, Kind>>;
const CLASSIFIER = { ...WITHOUT_NORMALIZATION, normalizationMomentum: momentum };
const SMALL = { alpha: 0.25, inputShape: [64, 64, 3] };
const SEGMENTATION = {
  alpha,
  inputShape: openImageShape,
  classes: count,
  classifierActivation: hostActivation,
  deformable: DEFORMABLE,
  normalizationMomentum: momentum,
};

/** The trunk of the heads, and a model to convert; made once. */
let made: tf.LayersModel | undefined;
let classifier: tf.LayersModel | undefined;
const trained = (): tf.LayersModel =>
  (classifier ??= tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], activation: 'softmax' })] }));
const trunk = (): tf.LayersModel => (made ??= conv.mobileNetV1({ ...SMALL, includeTop: false, downsampling: 3 }));

export const MODEL_ROWS: readonly Row[] = [
  row<conv.AccelerateOptions>(
    'accelerate',
    (options) => {
      conv.accelerate(trunk(), options).dispose();
    },
    { memory: word('normal', 'low') },
  ),
  row<conv.FoldBatchNormalizationOptions>(
    'foldBatchNormalization',
    (options) => {
      conv.foldBatchNormalization(trunk(), options).dispose();
    },
    { precision: word('single', 'half') },
  ),
  row<conv.ConvertToDeformableOptions>('convertToDeformable', (options) => conv.convertToDeformable(trunk(), options), {
    layers: list(knownName, 'conv1'),
    modulated: boolean,
    offsetGroups: count,
    offsetLearningRateMultiplier: number({ from: 0 }),
  }),
  row<conv.DeepLabV3Options>(
    'deepLabV3',
    (options) => conv.deepLabV3(options),
    {
      ...SEGMENTATION,
      trunk: word('mobileNetV3Large', 'resNet50'),
      rates: list(count, 2),
      filters: count,
      dropout: number({ from: 0, below: 1 }),
    },
    SMALL,
  ),
  row<conv.DeepLabV3PlusOptions>(
    'deepLabV3Plus',
    (options) => conv.deepLabV3Plus(options),
    {
      ...SEGMENTATION,
      variant,
      outputStride: oneOf(8, 16),
      rates: list(count, 2),
      separable: boolean,
      decoder: boolean,
      filters: count,
      lowLevelFilters: count,
      dropout: number({ from: 0, below: 1 }),
    },
    SMALL,
  ),
  row<conv.DeformableRFCNHeadOptions>(
    'deformableRFCNHead',
    (options) => conv.deformableRFCNHead(trunk(), options),
    {
      classes: required(integer(2)),
      layer: knownName,
      bins: count,
      channels: count,
      deformable: boolean,
      spatialScale: number({ above: 0 }),
      transStd: number({ from: 0 }),
    },
    { classes: 3, channels: 8, bins: 2 },
  ),
  row<conv.DenoisingAutoencoderOptions>('denoisingAutoencoder', (options) => conv.denoisingAutoencoder(options), {
    inputShape: openImageShape,
    filters: but(list(count, 8), []),
    outputActivation: activation,
  }),
  row<conv.FreezeOptions>(
    'freeze',
    (options) => {
      conv.freeze(trunk(), options);
    },
    { upTo: knownName },
  ),
  row<conv.InceptionV3Options>('inceptionV3', (options) => conv.inceptionV3(options), CLASSIFIER, {
    alpha: 1 / 16,
    inputShape: [96, 96, 3],
  }),
  row<conv.MobileNetUNetOptions>(
    'mobileNetUNet',
    (options) => conv.mobileNetUNet(options),
    { ...SEGMENTATION, filters: list(count, 8, 4), freezeEncoder: boolean },
    SMALL,
  ),
  row<conv.MobileNetV1Options>(
    'mobileNetV1',
    (options) => conv.mobileNetV1(options),
    { ...CLASSIFIER, convolution: word('separable', 'full'), shallow: boolean },
    SMALL,
  ),
  row<conv.MobileNetV2Options>(
    'mobileNetV2',
    (options) => conv.mobileNetV2(options),
    { ...CLASSIFIER, variant },
    SMALL,
  ),
  row<conv.MobileNetV3Options>(
    'mobileNetV3Large',
    (options) => conv.mobileNetV3Large(options),
    { ...CLASSIFIER, variant, minimalistic: boolean, includePreprocessing: boolean },
    SMALL,
  ),
  row<conv.MobileNetV3Options>(
    'mobileNetV3Small',
    (options) => conv.mobileNetV3Small(options),
    { ...CLASSIFIER, variant, minimalistic: boolean, includePreprocessing: boolean },
    SMALL,
  ),
  row<conv.ReplaceHeadOptions>('replaceHead', (options) => conv.replaceHead(trained(), 3, options), {
    activation: word('softmax', 'sigmoid', 'linear'),
  }),
  row<conv.ResNeXt50Options>(
    'resNeXt50',
    (options) => conv.resNeXt50(options),
    { ...CLASSIFIER, cardinality: count, groupWidth: count },
    { ...SMALL, cardinality: 4, classes: 10 },
  ),
  row<conv.RfbHeadOptions>(
    'rfbHead',
    (options) => conv.rfbHead(trunk(), options),
    {
      layers: required(list(knownName, 'conv_pw_5_relu', 2)),
      classes: required(integer(2)),
      scales: integer(2, 6),
      blocks: word('rfb', 'plain'),
      normalizationMomentum: momentum,
      alpha,
    },
    { layers: ['conv_pw_5_relu', 'conv_pw_11_relu'], classes: 3, scales: 2, alpha: 0.25 },
  ),
  row<conv.ShuffleNetV1Options>(
    'shuffleNetV1',
    (options) => conv.shuffleNetV1(options),
    { ...CLASSIFIER, alpha: listedAlpha, groups: oneOf(3, 8) },
    { alpha: 0.5, inputShape: [64, 64, 3] },
  ),
  row<conv.ShuffleNetV2Options>(
    'shuffleNetV2',
    (options) => conv.shuffleNetV2(options),
    { ...CLASSIFIER, alpha: listedAlpha, variant },
    { alpha: 0.5, inputShape: [64, 64, 3] },
  ),
  row<conv.SqueezeNetOptions>(
    'squeezeNet',
    (options) => conv.squeezeNet(options),
    { ...WITHOUT_NORMALIZATION, version: word('1.0', '1.1') },
    SMALL,
  ),
  row<conv.SuperResolutionOptions>('superResolution', (options) => conv.superResolution(options), {
    inputShape: openImageShape,
    scale: integer(2, 4),
    variant: word('fsrcnn', 'fsrcnn-s'),
    residual: boolean,
  }),
  row<conv.UnfreezeOptions>(
    'unfreeze',
    (options) => {
      conv.unfreeze(trunk(), options);
    },
    { from: knownName },
  ),
  row<conv.XceptionOptions>('xception', (options) => conv.xception(options), CLASSIFIER, {
    alpha: 1 / 16,
    inputShape: [96, 96, 3],
  }),
];
