/**
 * SqueezeNet 1.0 and 1.1 (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016, Table 1,
 * and the smaller network of the authors' repository), with paddings and rounding as in torchvision; deformable layers.
 */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf } from '../errors.js';
import { layers } from '../layers/registry.js';
import { addPooling, apply, convolution, deformationAt, join, padZeros, type Deformation } from './blocks.js';
import { network } from './network.js';
import {
  checkClassifierOptions,
  countStrides,
  keepStrides,
  readAlpha,
  readClassifier,
  scaleBy,
  type Classifier,
  type ClassifierOptions,
  type WidthOptions,
} from './options.js';
import type { OptionNames } from '../support/check_options.js';

const VERSIONS = ['1.0', '1.1'] as const;

/** Options of {@link squeezeNet}. */
export interface SqueezeNetOptions extends WidthOptions, Omit<ClassifierOptions, 'normalizationMomentum'> {
  /**
   * Version: the paper's network (1.0), or one of the same accuracy with 2.4 times fewer multiplications (1.1).
   * @default '1.1'
   */
  readonly version?: (typeof VERSIONS)[number];
  /** Dropout rate before the classifier. @default 0.5 */
  readonly dropout?: number;
}

/** The first convolution. */
interface Stem {
  readonly channels: number;
  readonly kernelSize: 3 | 7;
  readonly strides: 2;
}

/**
 * A fire module: `squeeze` channels, then parallel 1×1 and 3×3 convolutions; max pooling comes first if it has a
 * stride.
 */
interface Fire {
  readonly squeeze: number;
  /** Number of channels of each of the two expanding convolutions. */
  readonly expand: number;
  readonly strides: 1 | 2;
}

const NETWORKS: Readonly<Record<(typeof VERSIONS)[number], { stem: Stem; fires: readonly Fire[] }>> = {
  '1.0': {
    stem: { channels: 96, kernelSize: 7, strides: 2 },
    fires: [
      { squeeze: 16, expand: 64, strides: 2 },
      { squeeze: 16, expand: 64, strides: 1 },
      { squeeze: 32, expand: 128, strides: 1 },
      { squeeze: 32, expand: 128, strides: 2 },
      { squeeze: 48, expand: 192, strides: 1 },
      { squeeze: 48, expand: 192, strides: 1 },
      { squeeze: 64, expand: 256, strides: 1 },
      { squeeze: 64, expand: 256, strides: 2 },
    ],
  },
  '1.1': {
    stem: { channels: 64, kernelSize: 3, strides: 2 },
    fires: [
      { squeeze: 16, expand: 64, strides: 2 },
      { squeeze: 16, expand: 64, strides: 1 },
      { squeeze: 32, expand: 128, strides: 2 },
      { squeeze: 32, expand: 128, strides: 1 },
      { squeeze: 48, expand: 192, strides: 2 },
      { squeeze: 48, expand: 192, strides: 1 },
      { squeeze: 64, expand: 256, strides: 1 },
      { squeeze: 64, expand: 256, strides: 1 },
    ],
  },
};

const ACTION = 'build squeezeNet';
const OWN_OPTIONS = { alpha: true, version: true } as const satisfies OptionNames<
  Omit<SqueezeNetOptions, keyof ClassifierOptions>
>;

/**
 * Builds SqueezeNet, not compiled.
 *
 * Layers are named as in the paper: `conv1`, `fire2_squeeze1x1`, `fire2_expand1x1`, `fire2_expand3x3`, … `conv10`.
 * Every convolution has a bias, and there is no normalisation. Any `expand3x3` can be deformable.
 *
 * @param options version, sizes of the network and its images; see {@link SqueezeNetOptions}
 * @returns a model from images [n, height, width, channels] to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range, and for images too small for the network
 * @see Iandola et al., "SqueezeNet" (2016), Table 1 and section 3.2; torchvision.models.squeezenet1_1
 * @example
 * ```ts
 * const model = conv.squeezeNet({ inputShape: [32, 32, 3], classes: 10, downsampling: 2, deformable: { last: 1 } });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 10]
 * ```
 */
export function squeezeNet(options: SqueezeNetOptions = {}): tf.LayersModel {
  const traits = { own: OWN_OPTIONS, momentum: null };
  checkClassifierOptions(ACTION, options, traits);
  const version = checkOneOf(ACTION, 'version', options.version ?? '1.1', VERSIONS);
  const { stem, fires } = NETWORKS[version];
  const classifier = readClassifier(ACTION, options, {
    ...traits,
    strideLayers: countStrides([stem, ...fires]),
    deformable: fires.length,
    dropout: 0.5,
  });
  const width = scaleBy(readAlpha(ACTION, options));
  const [first, ...strides] = keepStrides([stem, ...fires], classifier.downsampling).map((row) => row.strides);

  const input = tf.input({ shape: [...classifier.inputShape] });
  const { kernelSize } = stem;
  const padding = first === 1 ? 'same' : 'valid';
  const conv1 = { name: 'conv1', filters: width(stem.channels), kernelSize, strides: first!, padding } as const;
  let x = apply(layers.conv2d({ ...conv1, activation: 'relu' }), input);
  fires.forEach(({ squeeze, expand, strides: fireStrides }, index) => {
    const number = index + 2;
    if (fireStrides === 2) x = addMaxPooling(x, number, strides[index]!);
    x = addFire(x, `fire${number}`, width(squeeze), width(expand), deformationAt(index, classifier));
  });
  return network({ inputs: input, outputs: addHead(x, classifier), name: `squeezenet_${version}` });
}

/**
 * Max pooling over 3×3, whose last window may extend beyond the border: after a ReLU, the zeros there are never the
 * maximum.
 */
function addMaxPooling(x: tf.SymbolicTensor, number: number, strides: 1 | 2): tf.SymbolicTensor {
  const pool = { name: `pool${number - 1}`, poolSize: 3, strides } as const;
  if (strides === 1) return apply(layers.maxPooling2d({ ...pool, padding: 'same' }), x);
  const padded = padZeros(x, `pool${number - 1}_pad`, [
    [0, 1],
    [0, 1],
  ]);
  return apply(layers.maxPooling2d(pool), padded);
}

function addFire(
  x: tf.SymbolicTensor,
  name: string,
  squeeze: number,
  expand: number,
  deformation: Deformation,
): tf.SymbolicTensor {
  const activation = 'relu';
  const squeezed = apply(layers.pointwiseConv2d({ name: `${name}_squeeze1x1`, filters: squeeze, activation }), x);
  const narrow = layers.pointwiseConv2d({ name: `${name}_expand1x1`, filters: expand, activation });
  const window = { name: `${name}_expand3x3`, filters: expand, kernelSize: 3, padding: 'same', activation } as const;
  const expanded = [narrow, convolution(window, deformation)].map((layer) => apply(layer, squeezed));
  return join(tf.layers.concatenate({ name: `${name}_concat` }), expanded);
}

function addHead(x: tf.SymbolicTensor, classifier: Classifier): tf.SymbolicTensor {
  if (!classifier.includeTop) return addPooling(x, classifier);
  const { classes, dropout, activation } = classifier;
  const head = [
    ...(dropout > 0 ? [layers.dropout({ name: 'dropout', rate: dropout })] : []),
    layers.pointwiseConv2d({ name: 'conv10', filters: classes, activation: 'relu' }),
    tf.layers.globalAveragePooling2d({ name: 'global_average_pooling2d' }),
    tf.layers.activation({ name: 'predictions', activation }),
  ];
  return head.reduce((features, layer) => apply(layer, features), x);
}
