/** Values that all sides of comparisons of MobileNetV1 share: images, labels, initial kernels and normalizations. */
import type { InputSpec, Inputs } from './question.js';
import { MOBILENET_V1_BLOCKS } from './stock_mobilenet_v1.js';

export interface NetworkSize {
  readonly size: number;
  readonly batch: number;
  readonly alpha: number;
  readonly classes: number;
}

export function networkInputs({ size, batch, alpha, classes }: NetworkSize): Inputs {
  const kernels: InputSpec[] = [];
  // Values that keep the size of activations (He et al., 2015).
  const add = (shape: readonly number[], fanIn: number): number => kernels.push({ shape, scale: (2 / fanIn) ** 0.5 });
  let channels = Math.floor(32 * alpha);
  add([3, 3, 3, channels], 27);
  for (const [wide] of MOBILENET_V1_BLOCKS) {
    const next = Math.floor(wide * alpha);
    add([3, 3, channels, 1], 9);
    add([1, 1, channels, next], channels);
    channels = next;
  }
  add([channels, classes], channels);
  return {
    x: { shape: [batch, size, size, 3] },
    labels: { shape: [batch, classes], fill: 'oneHot' },
    ...Object.fromEntries(kernels.map((kernel, index) => [`kernel${index}`, kernel])),
  };
}

export const NORMALIZATION_EPSILON = 1e-3;

/** Factor, shift, mean and variance of a normalization, none of them neutral. */
export function normalizationValues(
  channels: number,
): readonly [Float32Array, Float32Array, Float32Array, Float32Array] {
  const around = (centre: number, phase: number): Float32Array =>
    Float32Array.from({ length: channels }, (_, channel) => centre + 0.1 * Math.sin(channel + phase));
  return [around(1, 0), around(0, 1), around(0, 2), around(1, 3)];
}
