/** Every network of the package, small, for export; the documentation's table has the same ones. */
import type * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import type { ExportCase } from './onnx_exports.js';

const ANY = [null, null, 3];
const TOP = { classes: 5, inputShape: ANY, classifierActivation: 'linear' } as const;
const DEFORMABLE = { last: 2 } as const;

/** Two batch sizes, and an even and an odd size of images. */
const sizes = (even: number, odd: number, channels = 3): ExportCase['runs'] => [
  [[2, even, even, channels]],
  [[1, odd, odd + 2, channels]],
];

const classifier = (
  name: string,
  build: () => tf.LayersModel,
  [even, odd]: readonly [number, number],
  deforms = false,
): ExportCase => ({ name, build, runs: sizes(even, odd), deforms });

export const NETWORKS: readonly ExportCase[] = [
  classifier('mobileNetV1', () => conv.mobileNetV1({ ...TOP, alpha: 0.25 }), [64, 45]),
  classifier("mobileNetV1, convolution: 'full'", () => conv.mobileNetV1({ ...TOP, alpha: 0.125, convolution: 'full' }), [32, 45]), // prettier-ignore
  classifier('mobileNetV1, deformable', () => conv.mobileNetV1({ ...TOP, alpha: 0.25, deformable: DEFORMABLE }), [64, 45], true), // prettier-ignore
  classifier('mobileNetV2', () => conv.mobileNetV2({ ...TOP, alpha: 0.35 }), [64, 45]),
  classifier('mobileNetV2, deformable', () => conv.mobileNetV2({ ...TOP, alpha: 0.35, deformable: DEFORMABLE }), [64, 45], true), // prettier-ignore
  classifier('mobileNetV3Small', () => conv.mobileNetV3Small({ ...TOP }), [64, 45]),
  classifier('mobileNetV3Large', () => conv.mobileNetV3Large({ ...TOP, alpha: 0.5 }), [64, 45]),
  classifier('mobileNetV3Large, minimalistic, deformable', () => conv.mobileNetV3Large({ ...TOP, alpha: 0.5, minimalistic: true, deformable: DEFORMABLE }), [64, 45], true), // prettier-ignore
  classifier('squeezeNet', () => conv.squeezeNet({ ...TOP, alpha: 0.5 }), [64, 45]),
  classifier('shuffleNetV1', () => conv.shuffleNetV1({ ...TOP, alpha: 0.5 }), [64, 45]),
  classifier('shuffleNetV2', () => conv.shuffleNetV2({ ...TOP, alpha: 0.5 }), [64, 45]),
  classifier('shuffleNetV2, deformable', () => conv.shuffleNetV2({ ...TOP, alpha: 0.5, deformable: { last: 1, modulated: false } }), [64, 45], true), // prettier-ignore
  classifier('xception', () => conv.xception({ ...TOP, alpha: 0.125 }), [72, 73]),
  classifier('resNeXt50', () => conv.resNeXt50({ ...TOP, alpha: 0.25 }), [64, 45]),
  classifier('inceptionV3', () => conv.inceptionV3({ ...TOP, alpha: 0.125 }), [76, 79]),
  {
    name: 'deepLabV3Plus, deformable',
    build: () =>
      conv.deepLabV3Plus({ inputShape: ANY, alpha: 0.35, classes: 3, filters: 16, separable: true, deformable: DEFORMABLE }), // prettier-ignore
    runs: sizes(64, 45),
    deforms: true,
  },
  {
    name: 'mobileNetUNet',
    build: () => conv.mobileNetUNet({ inputShape: ANY, alpha: 0.35, classes: 3 }),
    runs: sizes(64, 45),
  },
  {
    name: 'denoisingAutoencoder',
    build: () => conv.denoisingAutoencoder({ inputShape: [null, null, 1], filters: [8, 12] }),
    runs: sizes(28, 29, 1),
  },
  {
    name: 'superResolution',
    build: () => conv.superResolution({ scale: 3, residual: true }),
    runs: sizes(16, 13, 1),
  },
  {
    name: 'rfbHead',
    build: () => {
      const trunk = conv.mobileNetV1({ alpha: 0.25, inputShape: [64, 64, 3], includeTop: false });
      return conv.rfbHead(trunk, { layers: ['conv_pw_5_relu', 'conv_pw_11_relu'], classes: 3, scales: 4, alpha: 0.25 });
    },
    runs: [[[2, 64, 64, 3]], [[1, 64, 64, 3]]],
  },
  {
    name: 'deformableRFCNHead',
    build: () => {
      const trunk = conv.mobileNetV1({ alpha: 0.25, inputShape: ANY, includeTop: false, downsampling: 3 });
      return conv.deformableRFCNHead(trunk, { classes: 3, bins: 3, channels: 16, spatialScale: 1 / 8 });
    },
    runs: [
      [[2, 64, 64, 3], [3, 4], [3, 1]], // prettier-ignore
      [[1, 45, 47, 3], [2, 4], [2, 1]], // prettier-ignore
    ],
    given: ([image, boxes]) => ({
      boxes_input: [3, 5, 41, 30, 8, 2, 20, 44, -4, -7, 60, 70].slice(0, 4 * boxes![0]!),
      box_indices_input: [1, 0, 1].slice(0, boxes![0]).map((index) => index % image![0]!),
    }),
  },
];
