/** Builds the networks that the page offers, with initial weights from a seed. */
import * as tf from '@tensorflow/tfjs';
import { layers, mobileNetV1 } from 'tfjs-convolutions';
import { Random, withSeed } from 'tfjs-convolutions/training';
import { IMAGE_SIZES, type NetworkName } from './network_list.js';

/** Settings that a network is built from. */
export interface NetworkShape {
  readonly side: number;
  readonly channels: number;
  readonly classes: number;
}

/** With the usual 0.99, moving averages would lag behind in a run of a few hundred steps. */
const NORMALIZATION_MOMENTUM = 0.9;

const SMALL_BLOCKS = [
  { filters: 16, strides: 1 },
  { filters: 32, strides: 2 },
  { filters: 32, strides: 1 },
  { filters: 64, strides: 2 },
] as const;

export function buildNetwork(name: NetworkName, shape: NetworkShape, seed: number): tf.LayersModel {
  const deformable = name.endsWith('-deformable');
  return withSeed(new Random(seed, 'initialization'), () =>
    name.startsWith('cnn') ? buildSmall(shape, deformable) : buildMobileNet(shape, deformable),
  );
}

function buildSmall({ side, channels, classes }: NetworkShape, deformable: boolean): tf.LayersModel {
  const model = tf.sequential();
  SMALL_BLOCKS.forEach((block, index) => {
    const config = {
      ...block,
      kernelSize: 3,
      padding: 1,
      useBias: false,
      ...(index === 0 ? { inputShape: [side, side, channels] } : {}),
    };
    const last = index >= SMALL_BLOCKS.length - 2;
    model.add(deformable && last ? layers.deformableConv2d({ ...config, modulated: true }) : layers.conv2d(config));
    model.add(layers.batchNormalization({ activation: 'relu', momentum: NORMALIZATION_MOMENTUM }));
  });
  model.add(tf.layers.globalAveragePooling2d({}));
  model.add(tf.layers.dense({ units: classes, activation: 'softmax' }));
  return model;
}

function buildMobileNet({ side, channels, classes }: NetworkShape, deformable: boolean): tf.LayersModel {
  return mobileNetV1({
    alpha: 0.25,
    inputShape: [side, side, channels],
    classes,
    dropout: 0,
    normalizationMomentum: NORMALIZATION_MOMENTUM,
    downsampling: IMAGE_SIZES.find((size) => size.side === side)?.halvings ?? 3,
    ...(deformable ? { deformable: { last: 2, modulated: true } } : {}),
  });
}
