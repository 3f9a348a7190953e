/** Network of the main job: its one deformable layer has to follow the size of the digits, since nothing else can. */
import * as tf from '@tensorflow/tfjs';
import { BatchNormalization } from '../../layers/batch_normalization.js';
import { Conv2D } from '../../layers/conv2d.js';
import { DeformableConv2D } from '../../layers/deformable_conv2d.js';
import { PointwiseConv2D } from '../../layers/pointwise_conv2d.js';
import { categoricalCrossentropy } from '../../training/losses/categorical_crossentropy.js';
import type { Loss } from '../../training/losses/loss.js';
import { Random } from '../../training/random.js';
import { withSeed } from '../../training/with_seed.js';
import { GROUND, SCENE_SIZE } from './digit_scenes.js';

export const DEFORMABLE_LAYER = 'deformable';

/** Options that the run has unless others are given. */
export const SCENE_DEFAULTS = { epochs: 4, batch: 16, learningRate: 0.02, offsetRate: 0.3 } as const;

/** Weight of the ground in the loss: most positions are on it. */
const GROUND_WEIGHT = 0.3;

/** Filters of the second and the third layer, by which both networks have 15,000 parameters. */
const FILTERS = { deformable: [24, 32], plain: [30, 38] } as const;

/**
 * Builds two plain convolutions that see little, a deformable one, and a classifier of every position.
 *
 * @param isDeformable false for the plain network of about as many parameters to compare with
 */
export function buildSceneNetwork(isDeformable: boolean, seed: number): tf.LayersModel {
  const [second, third] = FILTERS[isDeformable ? 'deformable' : 'plain'];
  const wide = { kernelSize: 3, dilationRate: 2, padding: 'same', useBias: false } as const;
  const normalize = (): tf.layers.Layer => new BatchNormalization({ momentum: 0.9, activation: 'relu' });
  return withSeed(new Random(seed, 'initialization'), () =>
    tf.sequential({
      layers: [
        tf.layers.inputLayer({ inputShape: [SCENE_SIZE, SCENE_SIZE, 1] }),
        new Conv2D({ filters: 16, kernelSize: 3, strides: 2, padding: 1, useBias: false }),
        normalize(),
        new Conv2D({ filters: second, ...wide }),
        normalize(),
        isDeformable
          ? new DeformableConv2D({ name: DEFORMABLE_LAYER, filters: third, ...wide, modulated: false })
          : new Conv2D({ filters: third, ...wide }),
        normalize(),
        new PointwiseConv2D({ filters: GROUND + 1, activation: 'softmax' }),
      ],
    }),
  );
}

/** Cross-entropy of all positions, in which those on digits count more. */
export function sceneLoss(): Loss {
  const classWeights = [...new Array<number>(GROUND).fill(1), GROUND_WEIGHT];
  return categoricalCrossentropy({ classWeights });
}
