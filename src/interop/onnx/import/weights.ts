/** Weights of a file in the order of layers. */
import { transpose } from '../arrange_weights.js';
import type { WeightValues } from './planned.js';

/** Filter [out, in / groups, kh, kw] as [kh, kw, in / groups, out]; of a transposed convolution likewise. */
export function filterLast(weight: WeightValues): WeightValues {
  return transpose(weight, [2, 3, 1, 0]);
}

/** Filter [channels · multiplier, 1, kh, kw] as the depthwise one [kh, kw, channels, multiplier]. */
export function depthwiseLast(weight: WeightValues, channels: number): WeightValues {
  const { shape, values } = filterLast(weight);
  const [height, width, , outputs] = shape as [number, number, number, number];
  return { shape: [height, width, channels, outputs / channels], values };
}

/** A list of numbers. */
export function vector(values: Float32Array): WeightValues {
  return { shape: [values.length], values };
}

/** All values times a factor. */
export function scaled({ shape, values }: WeightValues, factor: number): WeightValues {
  return { shape, values: values.map((value) => value * factor) };
}

/** Sum of two weights of one shape. */
export function sum(a: WeightValues, b: WeightValues): WeightValues {
  return { shape: a.shape, values: a.values.map((value, index) => value + b.values[index]!) };
}
