/** Every network of the package, small, with inputs. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { randomTensor } from '../../layers/support/layers.js';

export interface Network {
  readonly name: string;
  readonly build: () => tf.LayersModel;
  /** Shapes of the inputs that are images or features, without the batch. */
  readonly image: readonly number[];
  /** Inputs besides the image. @default none */
  readonly others?: () => tf.Tensor[];
}

// Dropout is random in every run.
const CLASSIFIER = { classes: 5, classifierActivation: 'linear', dropout: 0 } as const;

type Classifier = (options: conv.ClassifierOptions & conv.WidthOptions) => tf.LayersModel;

function classifier(name: string, make: Classifier, side: number, options: object = {}): Network {
  const image = [side, side, 3];
  return { name, image, build: () => make({ ...CLASSIFIER, inputShape: image, ...options }) };
}

/** Two convolutions for the heads that read another network. */
function trunk(side: number): tf.LayersModel {
  const input = tf.input({ shape: [side, side, 3] });
  const shared = { kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' } as const;
  const fine = conv.layers.conv2d({ name: 'fine', filters: 32, ...shared }).apply(input);
  const coarse = conv.layers.conv2d({ name: 'coarse', filters: 64, ...shared }).apply(fine);
  return tf.model({ inputs: input, outputs: coarse as tf.SymbolicTensor });
}

/** Three boxes of two images. */
const boxes = (): tf.Tensor[] => [
  tf.tensor2d([
    [3.3, 2.4, 19.2, 17.9],
    [1.2, 4.1, 22.7, 23.4],
    [5.1, 7.7, 25.3, 22.2],
  ]),
  tf.tensor2d([[1], [0], [1]], [3, 1], 'int32'),
];

export const NETWORKS: readonly Network[] = [
  classifier('mobileNetV1', conv.mobileNetV1, 64, { alpha: 0.25, downsampling: 4 }),
  classifier('mobileNetV1, full', conv.mobileNetV1, 32, { alpha: 0.125, downsampling: 3, convolution: 'full' }),
  classifier('mobileNetV2', conv.mobileNetV2, 48, { alpha: 0.35, downsampling: 4 }),
  classifier('mobileNetV3Small', conv.mobileNetV3Small, 48, { alpha: 0.5, downsampling: 3 }),
  classifier('mobileNetV3Large', conv.mobileNetV3Large, 48, { alpha: 0.35, downsampling: 4 }),
  classifier('xception', conv.xception, 48, { alpha: 0.125, downsampling: 3 }),
  classifier('inceptionV3', conv.inceptionV3, 64, { alpha: 0.125, downsampling: 3 }),
  classifier('squeezeNet', conv.squeezeNet, 64, { alpha: 0.25 }),
  classifier('shuffleNetV1', conv.shuffleNetV1, 64, { alpha: 0.5, downsampling: 4 }),
  classifier('shuffleNetV2', conv.shuffleNetV2, 64, { alpha: 0.5, downsampling: 4 }),
  classifier('resNeXt50', conv.resNeXt50, 64, { alpha: 0.25, downsampling: 4 }),
  {
    name: 'deepLabV3',
    image: [48, 48, 3],
    build: () =>
      conv.deepLabV3({
        ...{ inputShape: [48, 48, 3], classes: 3, dropout: 0, alpha: 0.35, filters: 16, rates: [1, 2] },
        classifierActivation: 'linear',
      }),
  },
  {
    name: 'deepLabV3Plus',
    image: [48, 48, 3],
    build: () =>
      conv.deepLabV3Plus({
        inputShape: [48, 48, 3],
        classes: 3,
        dropout: 0,
        alpha: 0.35,
        filters: 16,
        classifierActivation: 'linear',
      }),
  },
  {
    name: 'mobileNetUNet',
    image: [96, 96, 3],
    build: () =>
      conv.mobileNetUNet({
        ...{ inputShape: [96, 96, 3], classes: 3, alpha: 0.35, filters: [16, 16, 8, 8] },
        classifierActivation: 'linear',
      }),
  },
  {
    name: 'denoisingAutoencoder',
    image: [29, 31, 1],
    build: () => conv.denoisingAutoencoder({ inputShape: [29, 31, 1], filters: [16, 16] }),
  },
  {
    name: 'superResolution',
    image: [16, 18, 1],
    build: () => conv.superResolution({ inputShape: [16, 18, 1], scale: 3 }),
  },
  {
    name: 'rfbHead',
    image: [48, 48, 3],
    build: () => conv.rfbHead(trunk(48), { layers: ['fine', 'coarse'], classes: 3, scales: 4, alpha: 0.125 }),
  },
  {
    name: 'deformableRFCNHead',
    image: [32, 32, 3],
    others: boxes,
    build: () => conv.deformableRFCNHead(trunk(32), { classes: 3, bins: 2, channels: 8 }),
  },
  classifier('mobileNetV1, deformable', conv.mobileNetV1, 48, {
    ...{ alpha: 0.25, downsampling: 3, deformable: { last: 3 } },
  }),
];

/** Random input images, with a factor. */
export interface Draw {
  readonly seed: number;
  /** In float32 one of 1 ± 2e-7 moves most pixels by one or two units in the last place. @default 1 */
  readonly scale?: number;
}

/** Inputs of a network: two images, and its further inputs. */
export function inputsOf({ image, others }: Network, { seed, scale = 1 }: Draw): tf.Tensor[] {
  const images = tf.tidy(() => randomTensor(seed, [2, ...image]).mul(scale));
  return [images, ...(others?.() ?? [])];
}
