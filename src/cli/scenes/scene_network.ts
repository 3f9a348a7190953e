/** Networks for scenes of digits: the deformable layer of the main job has to follow the size of the digits, since nothing else can. */
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

/** Filters of the 3×3 convolutions before the classifier, and the kind of the last of them. */
const NETWORKS = {
  /** The third convolution is deformable. */
  deformable: { filters: [16, 24, 32], last: 'deformable' },
  /** As `deformable`, but the nine samples of a position form a rectangle, of which four numbers are predicted. */
  boxes: { filters: [16, 24, 32], last: 'boxes' },
  /** As `deformable`, without offsets. */
  plain: { filters: [16, 24, 32], last: 'plain' },
  /** Plain, with as many parameters as `deformable`. */
  wide: { filters: [16, 30, 38], last: 'plain' },
  /** Plain, with as many parameters as `deformable` in one layer more. */
  deeper: { filters: [16, 20, 24, 32], last: 'plain' },
} as const;

/** Name of a network to compare. */
export type SceneNetworkName = keyof typeof NETWORKS;

export const SCENE_NETWORKS = Object.keys(NETWORKS) as readonly SceneNetworkName[];

/** Name of the convolution that predicts the rectangles of `boxes`: scale y, scale x, shift y, shift x. */
export const BOX_LAYER = 'box';

const WIDE = { kernelSize: 3, dilationRate: 2, padding: 'same', useBias: false } as const;

/**
 * Builds plain convolutions that see little, the layer that the networks differ in, and a classifier of every position.
 *
 * @param name which network
 * @param seed seed of the initial weights
 */
export function buildSceneNetwork(name: SceneNetworkName, seed: number): tf.LayersModel {
  const { filters, last } = NETWORKS[name];
  const normalize = (x: tf.SymbolicTensor): tf.SymbolicTensor => {
    const layer = new BatchNormalization({ momentum: 0.9, activation: 'relu' });
    return layer.apply(x) as tf.SymbolicTensor;
  };
  return withSeed(new Random(seed, 'initialization'), () => {
    const input = tf.input({ shape: [SCENE_SIZE, SCENE_SIZE, 1] });
    const first = new Conv2D({ filters: filters[0], kernelSize: 3, strides: 2, padding: 1, useBias: false });
    let x = normalize(first.apply(input) as tf.SymbolicTensor);
    for (const count of filters.slice(1, -1)) {
      x = normalize(new Conv2D({ filters: count, ...WIDE }).apply(x) as tf.SymbolicTensor);
    }
    x = normalize(lastConvolution(last, filters.at(-1)!, x));
    const classifier = new PointwiseConv2D({ filters: GROUND + 1, activation: 'softmax' });
    return tf.model({ inputs: input, outputs: classifier.apply(x) as tf.SymbolicTensor });
  });
}

function lastConvolution(
  kind: (typeof NETWORKS)[SceneNetworkName]['last'],
  filters: number,
  x: tf.SymbolicTensor,
): tf.SymbolicTensor {
  if (kind === 'plain') return new Conv2D({ filters, ...WIDE }).apply(x) as tf.SymbolicTensor;
  const args = { name: DEFORMABLE_LAYER, filters, ...WIDE, modulated: false };
  if (kind === 'deformable') return new DeformableConv2D(args).apply(x) as tf.SymbolicTensor;
  const predict = new Conv2D({ ...WIDE, name: BOX_LAYER, filters: 4, useBias: true, kernelInitializer: 'zeros' });
  const spread = new PointwiseConv2D({ filters: 18, useBias: false, trainable: false });
  const offsets = spread.apply(predict.apply(x)) as tf.SymbolicTensor;
  spread.setWeights([boxKernel()]);
  return new DeformableConv2D({ ...args, predictOffsets: false }).apply([x, offsets]) as tf.SymbolicTensor;
}

/** Kernel [1, 1, 4, 18] that makes the offsets (Δy, Δx) of nine taps of scale y, scale x, shift y and shift x. */
function boxKernel(): tf.Tensor4D {
  const offsetsOf = (quantity: number): number[] =>
    Array.from({ length: 9 }, (_, tap) => {
      const arm = [Math.floor(tap / 3) - 1, (tap % 3) - 1];
      return [0, 1].map((axis) => (quantity % 2 === axis ? (quantity < 2 ? arm[axis]! : 1) : 0));
    }).flat();
  return tf.tensor4d([0, 1, 2, 3].flatMap(offsetsOf), [1, 1, 4, 18]);
}

/** Cross-entropy of all positions, in which those on digits count more. */
export function sceneLoss(): Loss {
  const classWeights = [...new Array<number>(GROUND).fill(1), GROUND_WEIGHT];
  return categoricalCrossentropy({ classWeights });
}
