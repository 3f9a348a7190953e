/**
 * Inception-v3 (Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016, Table 1), with the
 * layer names and weight shapes of keras.applications.InceptionV3, and deformable layers.
 */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../layers/registry.js';
import { addDenseHead, apply, convolution, deformationAt, join, normalizeAndActivate, numbered } from './blocks.js';
import {
  INCEPTION_V3_MODULES,
  INCEPTION_V3_STEM,
  isFork,
  type InceptionConvolution,
  type InceptionModule,
} from './inception_v3_tables.js';
import { network } from './network.js';
import {
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

/** Options of {@link inceptionV3}. */
export interface InceptionV3Options extends WidthOptions, ClassifierOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. @default [299, 299, 3] */
  readonly inputShape?: tf.Shape;
}

/** 3×3 convolutions of the modules; those of the stem are never deformable. */
const DEFORMABLE = INCEPTION_V3_MODULES.flatMap(({ branches }) => branches.flat()).filter(
  (step) => !isFork(step) && step.kernelSize.every((size) => size === 3),
).length;

const ACTION = 'build inceptionV3';
const OWN_OPTIONS = { alpha: true } as const satisfies OptionNames<Omit<InceptionV3Options, keyof ClassifierOptions>>;

/**
 * Builds Inception-v3, not compiled.
 *
 * Layers are named as in Keras: `mixed0` to `mixed10` after the modules, all others numbered in the order in which a
 * fresh Keras session creates them (`conv2d`, `batch_normalization`, `activation`, then `conv2d_1`, …). Each
 * normalisation has no `gamma` and applies its ReLU itself; the `activation_…` layer is an identity. Deformable layers
 * keep the name of the convolution that they replace.
 *
 * @param options sizes of the network and its images; see {@link InceptionV3Options}
 * @returns a model from images [n, height, width, channels] in [−1, 1] to class scores [n, classes], or to features
 * @throws TypeError for a wrong type; RangeError for an option out of range, and for images too small for the network
 * (below 75 pixels, unless it has fewer strides)
 * @see Szegedy et al., "Rethinking the Inception Architecture" (2016), Table 1; keras.applications.InceptionV3
 * @example
 * ```ts
 * const model = conv.inceptionV3({ alpha: 0.125, inputShape: [32, 32, 3], classes: 10, downsampling: 2 });
 * console.log(model.predict(tf.zeros([1, 32, 32, 3])).shape); // [1, 10]
 * ```
 */
export function inceptionV3(options: InceptionV3Options = {}): tf.LayersModel {
  const classifier = readClassifier(ACTION, options, {
    own: OWN_OPTIONS,
    strideLayers: countStrides([...INCEPTION_V3_STEM, ...INCEPTION_V3_MODULES]),
    deformable: DEFORMABLE,
    size: 299,
  });
  const input = tf.input({ shape: [...classifier.inputShape] });
  const outputs = addDenseHead(addFeatures(input, readAlpha(ACTION, options), classifier), classifier);
  return network({ inputs: input, outputs, name: 'inception_v3' });
}

/** Adds all layers before the head. */
function addFeatures(input: tf.SymbolicTensor, alpha: number, classifier: Classifier): tf.SymbolicTensor {
  const strides = keepStrides<{ readonly strides: 1 | 2 }>(
    [...INCEPTION_V3_STEM, ...INCEPTION_V3_MODULES],
    classifier.downsampling,
  ).map((row) => row.strides);
  const builder = new Builder(alpha, classifier);
  let x = input;
  INCEPTION_V3_STEM.forEach((step, index) => {
    const window = { strides: strides[index]!, padding: step.padding };
    x = step.kind === 'pool' ? builder.maxPooling(x, window.strides) : builder.convolution(x, step, window, false);
  });
  INCEPTION_V3_MODULES.forEach((module, index) => {
    x = builder.module(x, module, strides[INCEPTION_V3_STEM.length + index]!);
  });
  return x;
}

/** Stride and padding of a convolution. */
interface Window {
  readonly strides: 1 | 2;
  readonly padding: 'same' | 'valid';
}

/** Adds layers, numbered by class as in Keras. */
class Builder {
  private readonly counts = new Map<string, number>();
  private readonly width: (channels: number) => number;
  private deformables = 0;

  constructor(
    alpha: number,
    private readonly classifier: Classifier,
  ) {
    this.width = scaleBy(alpha);
  }

  /** Convolution, normalisation, ReLU. */
  convolution(
    x: tf.SymbolicTensor,
    { channels, kernelSize }: InceptionConvolution,
    window: Window,
    inModule = true,
  ): tf.SymbolicTensor {
    const isSquare3x3 = inModule && kernelSize.every((size) => size === 3);
    const args = { filters: this.width(channels), kernelSize, useBias: false, ...window };
    const deformation = isSquare3x3 ? deformationAt(this.deformables++, this.classifier) : undefined;
    const y = apply(convolution({ name: this.next('conv2d'), ...args }, deformation), x);
    const names = { normalization: this.next('batch_normalization'), activation: this.next('activation') };
    return normalizeAndActivate(y, names, 'relu', { momentum: this.classifier.momentum, scale: false });
  }

  /** Max pooling over 3×3; with stride 1 it keeps the size of the feature map. */
  maxPooling(x: tf.SymbolicTensor, strides: 1 | 2): tf.SymbolicTensor {
    const padding = strides === 2 ? 'valid' : 'same';
    return apply(layers.maxPooling2d({ name: this.next('max_pooling2d'), poolSize: 3, strides, padding }), x);
  }

  /** Parallel branches, the last of which is the pooling branch. */
  module(
    x: tf.SymbolicTensor,
    { name, branches, pooled, strides }: InceptionModule,
    moduleStrides: 1 | 2,
  ): tf.SymbolicTensor {
    const outputs = branches.map((branch) =>
      branch.reduce((y, step, index) => {
        if (isFork(step)) return this.fork(y, step.fork, step.name);
        const last = strides === 2 && index === branch.length - 1;
        return this.convolution(y, step, last && moduleStrides === 2 ? STRIDED : PLAIN);
      }, x),
    );
    return join(tf.layers.concatenate({ name }), [...outputs, this.poolingBranch(x, pooled, moduleStrides)]);
  }

  private fork(x: tf.SymbolicTensor, convolutions: readonly InceptionConvolution[], name: string | undefined) {
    const outputs = convolutions.map((step) => this.convolution(x, step, PLAIN));
    return join(tf.layers.concatenate({ name: name ?? this.next('concatenate') }), outputs);
  }

  private poolingBranch(x: tf.SymbolicTensor, channels: number | null, strides: 1 | 2): tf.SymbolicTensor {
    if (channels === null) return this.maxPooling(x, strides);
    const pool = { name: this.next('average_pooling2d'), poolSize: 3, strides: 1, padding: 'same' } as const;
    return this.convolution(apply(layers.averagePooling2d(pool), x), { channels, kernelSize: [1, 1] }, PLAIN);
  }

  private next(kind: string): string {
    const index = this.counts.get(kind) ?? 0;
    this.counts.set(kind, index + 1);
    return numbered(kind, index);
  }
}

const PLAIN: Window = { strides: 1, padding: 'same' };
const STRIDED: Window = { strides: 2, padding: 'valid' };
