/** Stem and stages of both ShuffleNets. */
import * as tf from '@tensorflow/tfjs';
import { layers } from '../layers/registry.js';
import { apply, evenZeros, normalizeAndActivate, type Normalization, type Zeros } from './blocks.js';

/** Published widths. */
export const SHUFFLENET_ALPHAS = [0.5, 1, 1.5, 2] as const;

/** Stages, numbered as in the papers; the first unit of each has stride 2. */
export const SHUFFLENET_STAGES = [
  { name: 'stage2', units: 4, strides: 2 },
  { name: 'stage3', units: 8, strides: 2 },
  { name: 'stage4', units: 4, strides: 2 },
] as const;

/** All stride-2 layers: the first convolution, the pooling after it, and the stages. */
export const SHUFFLENET_STRIDE_LAYERS = [{ strides: 2 }, { strides: 2 }, ...SHUFFLENET_STAGES] as const;

/**
 * Adds a 3×3 convolution and max pooling, with a stride each.
 *
 * @param evenPadding whether stride-2 layers pad both ends alike
 */
export function addShuffleNetStem(
  x: tf.SymbolicTensor,
  filters: number,
  [convolution, pooling]: readonly [1 | 2, 1 | 2],
  normalization: Normalization,
  evenPadding = false,
): tf.SymbolicTensor {
  const paddingAt = (strides: 1 | 2): Zeros | 'same' => (evenPadding && strides === 2 ? evenZeros(3) : 'same');
  const args = {
    name: 'conv1',
    filters,
    kernelSize: 3,
    strides: convolution,
    padding: paddingAt(convolution),
    useBias: false,
  } as const;
  const names = { normalization: 'conv1_bn', activation: 'conv1_relu' };
  const features = normalizeAndActivate(apply(layers.conv2d(args), x), names, 'relu', normalization);
  return apply(
    layers.maxPooling2d({ name: 'pool1', poolSize: 3, strides: pooling, padding: paddingAt(pooling) }),
    features,
  );
}
