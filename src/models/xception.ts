/**
 * Xception (Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017, Figure 5), with the layer
 * names and weight shapes of keras.applications.Xception, and deformable layers.
 */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../layers/registry.js';
import {
  addDenseHead,
  apply,
  deformationAt,
  depthwiseConvolution,
  join,
  normalize,
  normalizeAndActivate,
  numbered,
  type Deformation,
} from './blocks.js';
import { network } from './network.js';
import {
  countStrides,
  keepStrides,
  readAlpha,
  readClassifier,
  scaleBy,
  type Classifier,
  type ClassifierOptions,
  type DeformableOptions,
  type WidthOptions,
} from './options.js';
import type { OptionNames } from '../support/check_options.js';

/** Options of {@link xception}. */
export interface XceptionOptions extends WidthOptions, ClassifierOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. @default [299, 299, 3] */
  readonly inputShape?: tf.Shape;
  /** Makes the depthwise part of the last separable convolutions deformable. @default none */
  readonly deformable?: DeformableOptions;
}

/**
 * A module: separable convolutions with these channels, and a shortcut, which has a convolution if the module has a
 * stride.
 */
interface Module {
  readonly name: string;
  readonly channels: readonly number[];
  readonly strides: 1 | 2;
}

const STEM = [
  { name: 'block1_conv1', channels: 32, strides: 2 },
  { name: 'block1_conv2', channels: 64, strides: 1 },
] as const;

/** Modules; without a stride the shortcut is the input itself. */
const MODULES: readonly Module[] = [
  { name: 'block2', channels: [128, 128], strides: 2 },
  { name: 'block3', channels: [256, 256], strides: 2 },
  { name: 'block4', channels: [728, 728], strides: 2 },
  ...Array.from({ length: 8 }, (_, index) => ({
    name: `block${index + 5}`,
    channels: [728, 728, 728],
    strides: 1 as const,
  })),
  { name: 'block13', channels: [728, 1024], strides: 2 },
];

/** Last module, without a shortcut. */
const EXIT = { name: 'block14', channels: [1536, 2048] } as const;

const SEPARABLE = [...MODULES, EXIT].reduce((sum, { channels }) => sum + channels.length, 0);

const ACTION = 'build xception';
const OWN_OPTIONS = { alpha: true } as const satisfies OptionNames<Omit<XceptionOptions, keyof ClassifierOptions>>;

/**
 * Builds Xception, not compiled.
 *
 * Layers and weights are named as in Keras (`block1_conv1`, `block5_sepconv2`, `block5_sepconv2_bn`, …), the
 * convolutions of shortcuts as in a fresh Keras session (`conv2d`, `conv2d_1`, …, with `batch_normalization`, …). A
 * normalisation followed only by a ReLU applies it itself, and the `…_act` layer is an identity. A deformable layer is
 * split in two: the depthwise part under the name of the separable convolution, then `…_pointwise`.
 *
 * @param options sizes of the network and its images; see {@link XceptionOptions}
 * @returns a model from images [n, height, width, channels] in [−1, 1] to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range, and for images too small for the network
 * @see Chollet, "Xception" (2017), Figure 5; keras.applications.Xception
 * @example
 * ```ts
 * const model = conv.xception({ alpha: 0.125, inputShape: [32, 32, 3], classes: 10, downsampling: 2 });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 10]
 * ```
 */
export function xception(options: XceptionOptions = {}): tf.LayersModel {
  const classifier = readClassifier(ACTION, options, {
    own: OWN_OPTIONS,
    strideLayers: countStrides([...STEM, ...MODULES]),
    deformable: SEPARABLE,
    size: 299,
  });
  const width = scaleBy(readAlpha(ACTION, options));
  const input = tf.input({ shape: [...classifier.inputShape] });
  const outputs = addDenseHead(addFeatures(input, width, classifier), classifier);
  return network({ inputs: input, outputs, name: 'xception' });
}

/** Adds all layers before the head. */
function addFeatures(
  input: tf.SymbolicTensor,
  width: (channels: number) => number,
  classifier: Classifier,
): tf.SymbolicTensor {
  const rows = keepStrides<{ readonly strides: 1 | 2 }>([...STEM, ...MODULES], classifier.downsampling);
  let x = input;
  STEM.forEach(({ name, channels }, index) => {
    const { strides } = rows[index]!;
    const args = { name, filters: width(channels), kernelSize: 3, strides, useBias: false };
    x = activated(apply(layers.conv2d(args), x), name, `${name}_act`, classifier);
  });

  let done = 0;
  const separable = (y: tf.SymbolicTensor, name: string, channels: number): tf.SymbolicTensor =>
    addSeparable(y, name, width(channels), deformationAt(done++, classifier));

  let shortcuts = 0;
  MODULES.forEach(({ name, channels, strides }, index) => {
    const moduleStrides = rows[STEM.length + index]!.strides;
    const changes = strides === 2;
    const shortcut = changes ? addShortcut(x, width(channels.at(-1)!), moduleStrides, shortcuts++, classifier) : x;
    // The first module follows a ReLU.
    let y = index === 0 ? x : apply(tf.layers.activation({ name: `${name}_sepconv1_act`, activation: 'relu' }), x);
    channels.forEach((filters, position) => {
      const own = `${name}_sepconv${position + 1}`;
      y = separable(y, own, filters);
      y =
        position === channels.length - 1
          ? normalize(y, `${own}_bn`, classifier)
          : activated(y, own, `${name}_sepconv${position + 2}_act`, classifier);
    });
    if (changes) {
      const pool = { name: `${name}_pool`, poolSize: 3, strides: moduleStrides, padding: 'same' } as const;
      y = apply(layers.maxPooling2d(pool), y);
    }
    x = join(tf.layers.add({ name: numbered('add', index) }), [y, shortcut]);
  });

  EXIT.channels.forEach((filters, position) => {
    const name = `${EXIT.name}_sepconv${position + 1}`;
    x = activated(separable(x, name, filters), name, `${name}_act`, classifier);
  });
  return x;
}

/** Adds a 1×1 convolution with the stride of the module, normalised. */
function addShortcut(
  x: tf.SymbolicTensor,
  filters: number,
  strides: 1 | 2,
  index: number,
  classifier: Classifier,
): tf.SymbolicTensor {
  const pointwise = layers.pointwiseConv2d({ name: numbered('conv2d', index), filters, strides, useBias: false });
  return normalize(apply(pointwise, x), numbered('batch_normalization', index), classifier);
}

/** Adds a separable convolution without inner activation; as two layers if it is deformable. */
function addSeparable(
  x: tf.SymbolicTensor,
  name: string,
  filters: number,
  deformation: Deformation,
): tf.SymbolicTensor {
  const window = { name, kernelSize: 3, padding: 'same' } as const;
  if (deformation === undefined) {
    return apply(layers.depthwiseSeparableConv2d({ ...window, filters, useBias: false }), x);
  }
  const depthwise = apply(depthwiseConvolution(window, deformation), x);
  return apply(layers.pointwiseConv2d({ name: `${name}_pointwise`, filters, useBias: false }), depthwise);
}

function activated(x: tf.SymbolicTensor, name: string, activation: string, classifier: Classifier): tf.SymbolicTensor {
  return normalizeAndActivate(x, { normalization: `${name}_bn`, activation }, 'relu', classifier);
}
