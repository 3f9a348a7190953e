/** Inputs of comparisons of MobileNetV1: images, labels and initial kernels of all sides. */
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
