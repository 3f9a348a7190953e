/** Every network of the package, small, for export; the documentation's table has the same ones. */
import type * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import type { ExportCase } from './onnx_exports.js';

/** Height and width of images. */
type Sides = readonly [number | null, number | null];

/** A network, for images of any size or of a given one. */
export interface NetworkCase extends ExportCase {
  readonly build: (sides?: Sides) => tf.LayersModel;
}

const ANY: Sides = [null, null];
const DEFORMABLE = { last: 2 } as const;

/** Two batch sizes, and an even and an odd size of images. */
const sizes = (even: number, odd: number, channels = 3): ExportCase['runs'] => [
  [[2, even, even, channels]],
  [[1, odd, odd + 2, channels]],
];

/** Options of a classifier for images of a size. */
const topOf = (sides: Sides) => ({ classes: 5, inputShape: [...sides, 3], classifierActivation: 'linear' as const });

const classifier = (
  name: string,
  build: (top: ReturnType<typeof topOf>) => tf.LayersModel,
  [even, odd]: readonly [number, number],
  deforms = false,
): NetworkCase => ({ name, build: (sides = ANY) => build(topOf(sides)), runs: sizes(even, odd), deforms });

export const NETWORKS: readonly NetworkCase[] = [
  classifier('mobileNetV1', (top) => conv.mobileNetV1({ ...top, alpha: 0.25 }), [64, 45]),
  classifier("mobileNetV1, convolution: 'full'", (top) => conv.mobileNetV1({ ...top, alpha: 0.125, convolution: 'full' }), [32, 45]), // prettier-ignore
  classifier('mobileNetV1, deformable', (top) => conv.mobileNetV1({ ...top, alpha: 0.25, deformable: DEFORMABLE }), [64, 45], true), // prettier-ignore
  classifier('mobileNetV2', (top) => conv.mobileNetV2({ ...top, alpha: 0.35 }), [64, 45]),
  classifier('mobileNetV2, deformable', (top) => conv.mobileNetV2({ ...top, alpha: 0.35, deformable: DEFORMABLE }), [64, 45], true), // prettier-ignore
  classifier('mobileNetV3Small', conv.mobileNetV3Small, [64, 45]),
  classifier('mobileNetV3Large', (top) => conv.mobileNetV3Large({ ...top, alpha: 0.5 }), [64, 45]),
  classifier('mobileNetV3Large, minimalistic, deformable', (top) => conv.mobileNetV3Large({ ...top, alpha: 0.5, minimalistic: true, deformable: DEFORMABLE }), [64, 45], true), // prettier-ignore
  classifier('squeezeNet', (top) => conv.squeezeNet({ ...top, alpha: 0.5 }), [64, 45]),
  classifier('shuffleNetV1', (top) => conv.shuffleNetV1({ ...top, alpha: 0.5 }), [64, 45]),
  classifier('shuffleNetV2', (top) => conv.shuffleNetV2({ ...top, alpha: 0.5 }), [64, 45]),
  classifier('shuffleNetV2, deformable', (top) => conv.shuffleNetV2({ ...top, alpha: 0.5, deformable: { last: 1, modulated: false } }), [64, 45], true), // prettier-ignore
  classifier('xception', (top) => conv.xception({ ...top, alpha: 0.125 }), [72, 73]),
  classifier('resNeXt50', (top) => conv.resNeXt50({ ...top, alpha: 0.25 }), [64, 45]),
  classifier('inceptionV3', (top) => conv.inceptionV3({ ...top, alpha: 0.125 }), [76, 79]),
  {
    name: 'deepLabV3',
    build: (sides = ANY) => conv.deepLabV3({ inputShape: [...sides, 3], alpha: 0.35, classes: 3, filters: 16 }),
    runs: sizes(64, 45),
  },
  {
    name: "deepLabV3, trunk: 'resNet50', deformable",
    build: (sides = ANY) =>
      conv.deepLabV3({ inputShape: [...sides, 3], trunk: 'resNet50', alpha: 0.125, classes: 3, filters: 16, deformable: DEFORMABLE }), // prettier-ignore
    runs: sizes(64, 45),
    deforms: true,
  },
  {
    name: 'deepLabV3Plus, deformable',
    build: (sides = ANY) =>
      conv.deepLabV3Plus({ inputShape: [...sides, 3], alpha: 0.35, classes: 3, filters: 16, separable: true, deformable: DEFORMABLE }), // prettier-ignore
    runs: sizes(64, 45),
    deforms: true,
  },
  {
    name: 'mobileNetUNet',
    build: (sides = ANY) => conv.mobileNetUNet({ inputShape: [...sides, 3], alpha: 0.35, classes: 3 }),
    runs: sizes(64, 45),
  },
  {
    name: 'denoisingAutoencoder',
    build: (sides = ANY) => conv.denoisingAutoencoder({ inputShape: [...sides, 1], filters: [8, 12] }),
    runs: sizes(28, 29, 1),
  },
  {
    name: 'superResolution',
    build: (sides = ANY) => conv.superResolution({ inputShape: [...sides, 1], scale: 3, residual: true }),
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
    build: (sides = ANY) => {
      const trunk = conv.mobileNetV1({ alpha: 0.25, inputShape: [...sides, 3], includeTop: false, downsampling: 3 });
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
