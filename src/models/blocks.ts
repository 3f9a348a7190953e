/** Building blocks of models: shorthands for layers. */
import * as tf from '@tensorflow/tfjs';
import type { FusedActivation } from '../kernel/fused_activation.js';
import type { Conv2DArgs } from '../layers/conv2d.js';
import type { DepthwiseConv2DArgs } from '../layers/depthwise_conv2d.js';
import { layers } from '../layers/registry.js';
import type { Classifier } from './options.js';

/** Output of the layer for `x`. */
export function apply(layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor {
  return layer.apply(x) as tf.SymbolicTensor;
}

/** Output of the layer for several inputs. */
export function join(layer: tf.layers.Layer, inputs: tf.SymbolicTensor[]): tf.SymbolicTensor {
  return layer.apply(inputs) as tf.SymbolicTensor;
}

/** Number of channels of a feature map. */
export function channelsOf(x: tf.SymbolicTensor): number {
  return x.shape.at(-1)!;
}

/** Batch normalisation options of a network. */
export interface Normalization {
  readonly momentum: number;
  /** @default 0.001 */
  readonly epsilon?: number;
  /** Whether to multiply by `gamma`. @default true */
  readonly scale?: boolean;
}

/**
 * Normalisation and activation under two names, as in Keras: the first layer computes both in one kernel, the second is
 * an identity.
 */
export function normalizeAndActivate(
  x: tf.SymbolicTensor,
  names: { readonly normalization: string; readonly activation: string },
  activation: FusedActivation,
  normalization: Normalization,
): tf.SymbolicTensor {
  const y = normalize(x, names.normalization, normalization, activation);
  return passThrough(y, names.activation);
}

/** Adds a normalisation, optionally with an activation in the same kernel. */
export function normalize(
  x: tf.SymbolicTensor,
  name: string,
  { momentum, epsilon = 1e-3, scale = true }: Normalization,
  activation: FusedActivation = 'linear',
): tf.SymbolicTensor {
  return apply(layers.batchNormalization({ name, momentum, epsilon, scale, activation }), x);
}

/** Deformable variant of a convolution; undefined for a plain one. */
export type Deformation = { readonly modulated: boolean } | undefined;

/** Deformable variant of the convolution with this index, counted from 0 among those that can be deformable. */
export function deformationAt(
  index: number,
  { firstDeformable, modulated }: Pick<Classifier, 'firstDeformable' | 'modulated'>,
): Deformation {
  return index >= firstDeformable ? { modulated } : undefined;
}

/** Creates a depthwise convolution without bias. */
export function depthwiseConvolution(
  args: Pick<DepthwiseConv2DArgs, 'kernelSize' | 'strides' | 'padding' | 'dilationRate'> & { readonly name: string },
  deformation: Deformation,
): tf.layers.Layer {
  const window = { ...args, useBias: false };
  return deformation === undefined
    ? layers.depthwiseConv2d(window)
    : layers.deformableConv2d({ ...window, depthwise: true, modulated: deformation.modulated });
}

/** Creates a convolution. */
export function convolution(args: Omit<Conv2DArgs, 'paddingMode'>, deformation: Deformation): tf.layers.Layer {
  return deformation === undefined
    ? layers.conv2d(args)
    : layers.deformableConv2d({ ...args, modulated: deformation.modulated });
}

/** Zero padding: [[top, bottom], [left, right]]. */
export type Zeros = [[number, number], [number, number]];

/** Adds zero padding around an image. */
export function padZeros(x: tf.SymbolicTensor, name: string, padding: Zeros): tf.SymbolicTensor {
  return apply(tf.layers.zeroPadding2d({ name, padding }), x);
}

/**
 * Zero padding that Keras adds before a convolution of stride 2: as for `'same'` if the size is known, and as for even
 * sizes if not.
 */
export function zerosForStride2(x: tf.SymbolicTensor, kernelSize: number): Zeros {
  const after = Math.floor(kernelSize / 2);
  const [, height, width] = x.shape;
  const before = (size: number | null | undefined): number => after - (1 - ((size ?? 0) % 2));
  return [
    [before(height), after],
    [before(width), after],
  ];
}

/** Zero padding of both ends alike that PyTorch's networks add before a convolution of stride 2. */
export function evenZeros(kernelSize: number): Zeros {
  const zeros = Math.floor(kernelSize / 2);
  return [
    [zeros, zeros],
    [zeros, zeros],
  ];
}

/** Adds an identity layer in place of a layer whose work its neighbour does. */
export function passThrough(x: tf.SymbolicTensor, name: string): tf.SymbolicTensor {
  return apply(layers.identity({ name }), x);
}

/** Adds the output pooling of a network without a classifier. */
export function addPooling(x: tf.SymbolicTensor, { pooling }: Classifier): tf.SymbolicTensor {
  if (pooling === null) return x;
  const pool = pooling === 'avg' ? tf.layers.globalAveragePooling2d : tf.layers.globalMaxPooling2d;
  return apply(pool({ name: `global_${pooling}_pooling2d` }), x);
}

/** Deviations of a network's head from the usual one. */
export interface DenseHead {
  /** Name of the global average pooling layer. @default 'avg_pool' */
  readonly pool?: string;
  /** @default true */
  readonly useBias?: boolean;
}

/**
 * Adds global average pooling, optional dropout and a dense classifier, or the output pooling of a network without a
 * classifier.
 */
export function addDenseHead(
  x: tf.SymbolicTensor,
  classifier: Classifier,
  { pool = 'avg_pool', useBias = true }: DenseHead = {},
): tf.SymbolicTensor {
  if (!classifier.includeTop) return addPooling(x, classifier);
  const { classes, activation, dropout } = classifier;
  const head = [
    tf.layers.globalAveragePooling2d({ name: pool }),
    ...(dropout > 0 ? [layers.dropout({ name: 'dropout', rate: dropout })] : []),
    tf.layers.dense({ name: 'predictions', units: classes, activation, useBias }),
  ];
  return head.reduce((features, layer) => apply(layer, features), x);
}

/** Name that Keras gives the layer of a class with this index, from 0, in a fresh session. */
export function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}_${index}`;
}
