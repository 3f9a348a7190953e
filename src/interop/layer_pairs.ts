/**
 * Pairs of layers of which one does the work of the other, an identity that only keeps its name: a normalization its
 * activation, a convolution its zero padding. The networks of this package consist of such pairs; in Keras, each of the two
 * does its own work.
 */
import type * as tf from '@tensorflow/tfjs';
import { PACKAGE } from '../layers/base_layer.js';
import type { Config } from './keras_objects.js';

/** Description of a layer of a pair: with changed options, or as another class. */
export interface Rewrite {
  readonly changes: Config;
  /** Class of Keras; undefined for that of the layer itself. */
  readonly className?: string;
}

const IDENTITY = `${PACKAGE}>Identity`;
const NORMALIZATION = `${PACKAGE}>BatchNormalization`;
const CONVOLUTION = new RegExp(
  `^${PACKAGE}>(Conv2D|DepthwiseConv2D|DepthwiseSeparableConv2D|GroupedConv2D|DilatedConv2D)$`,
);

/**
 * Describes both layers of a pair.
 *
 * @param first a layer whose output only `second` takes
 * @returns undefined if they are no pair
 */
export function rewritePair(first: tf.layers.Layer, second: tf.layers.Layer): readonly [Rewrite, Rewrite] | undefined {
  const [before, after] = [first.getClassName(), second.getClassName()];
  if (before === NORMALIZATION && after === IDENTITY) {
    const { activation } = first.getConfig();
    if (activation === 'linear') return undefined;
    const maxValue = activation === 'relu6' ? 6 : null;
    return [{ changes: { activation: 'linear' } }, { className: 'ReLU', changes: { maxValue } }];
  }
  if (before === IDENTITY && CONVOLUTION.test(after)) {
    const { padding, paddingMode, dataFormat } = second.getConfig();
    if (typeof padding === 'string' || paddingMode !== 'zeros') return undefined;
    return [{ className: 'ZeroPadding2D', changes: { padding, dataFormat } }, { changes: { padding: 'valid' } }];
  }
  return undefined;
}

/**
 * Finds all pairs.
 *
 * @param followers the layers that take the output of each layer, if it is called once and no output of the model
 */
export function findPairs(
  layers: readonly tf.layers.Layer[],
  followers: (layer: tf.layers.Layer) => readonly tf.layers.Layer[],
): ReadonlyMap<tf.layers.Layer, Rewrite> {
  const rewrites = new Map<tf.layers.Layer, Rewrite>();
  for (const layer of layers) {
    const [after, ...others] = followers(layer);
    if (after === undefined || others.length > 0 || rewrites.has(layer) || rewrites.has(after)) continue;
    const pair = rewritePair(layer, after);
    if (pair === undefined) continue;
    rewrites.set(layer, pair[0]);
    rewrites.set(after, pair[1]);
  }
  return rewrites;
}
