/** Titles and descriptions of the networks that the page offers. */

export const NETWORKS = {
  cnn: {
    title: 'Small network',
    summary: 'Four convolutions with batch normalization. Fast on any device.',
  },
  'cnn-deformable': {
    title: 'Small network, deformable',
    summary: 'The same, with two deformable convolutions at the end.',
  },
  mobilenet: {
    title: 'MobileNetV1, a quarter wide',
    summary: 'Depthwise separable convolutions, 27 layers deep (α = 0.25).',
  },
  'mobilenet-deformable': {
    title: 'MobileNetV1, deformable',
    summary: 'The same, with two deformable blocks at the end.',
  },
} as const;

export type NetworkName = keyof typeof NETWORKS;

export const NETWORK_NAMES = Object.keys(NETWORKS) as readonly NetworkName[];

/** Image sizes in pixels, and the number of stride-2 layers that leave MobileNet feature maps of at least 6 × 6. */
export const IMAGE_SIZES = [
  { side: 28, halvings: 2 },
  { side: 32, halvings: 2 },
  { side: 48, halvings: 3 },
  { side: 64, halvings: 3 },
  { side: 96, halvings: 4 },
] as const;

export const DIGIT_SIDE = 28;

export function isNetworkName(name: unknown): name is NetworkName {
  return typeof name === 'string' && Object.hasOwn(NETWORKS, name);
}
