/** Weights in the order of ONNX's operators. */
import type { WeightValues } from './layer_use.js';

/** Transposes an array: axis i of the result is axis perm[i] of the array. */
export function transpose({ shape, values }: WeightValues, perm: readonly number[]): WeightValues {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const to = perm.map((axis) => shape[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  const index = to.map(() => 0);
  let from = 0;
  for (let position = 0; position < result.length; position++) {
    result[position] = values[from]!;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < to[axis]!) break;
      from -= steps[axis]! * to[axis]!;
      index[axis] = 0;
    }
  }
  return { shape: to, values: result };
}

/** Filter [kh, kw, in / groups, out] of a convolution, as [out, in / groups, kh, kw]; a transposed one likewise. */
export function filterFirst(weight: WeightValues): WeightValues {
  return transpose(weight, [3, 2, 0, 1]);
}

/** Depthwise filter [kh, kw, channels, multiplier], as [channels · multiplier, 1, kh, kw]. */
export function depthwiseFirst({ shape, values }: WeightValues): WeightValues {
  const [height, width, channels, multiplier] = shape as [number, number, number, number];
  return filterFirst({ shape: [height, width, 1, channels * multiplier], values });
}

/** The same values with another shape. */
export function reshaped(...shape: readonly number[]): (weight: WeightValues) => WeightValues {
  return ({ values }) => ({ shape, values });
}

/** Number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
