/** Layers that move between orders of axes. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../../layers/registry.js';
import type { LayerSpec } from './planned.js';

/**
 * Reshapes each tensor of a batch.
 *
 * @param shape without the batch; null for an unknown size
 */
export function reshapeLayer(shape: tf.Shape): LayerSpec {
  if (shape.length === 1) return { create: ({ name }) => tf.layers.flatten({ name }) };
  return { create: ({ name }) => tf.layers.reshape({ name, targetShape: [...shape] }) };
}

/**
 * Transposes each tensor of a batch.
 *
 * @param dims axis for each axis after the batch, counted from 1
 */
export function permutationLayer(dims: readonly number[]): LayerSpec {
  return { create: ({ name }) => tf.layers.permute({ name, dims: [...dims] }) };
}

/** Exchanges the two factors of the channels: groups and channels per group. */
export function shuffleLayer(groups: number): LayerSpec {
  return { create: ({ name }) => layers.channelShuffle({ name, groups }) };
}
