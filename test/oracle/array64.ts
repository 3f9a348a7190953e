/** Row-major float64 arrays, on which the oracles compute. */

export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** An array of zeros, or of the values that `fill` gives for every flat index. */
export function array64(shape: readonly number[], fill?: (index: number) => number): Array64 {
  const data = new Float64Array(shape.reduce((product, size) => product * size, 1));
  if (fill !== undefined) for (let index = 0; index < data.length; index++) data[index] = fill(index);
  return { shape: [...shape], data };
}

/** A copy with one element replaced. */
export function withElement(array: Array64, index: number, value: number): Array64 {
  const data = array.data.slice();
  data[index] = value;
  return { shape: array.shape, data };
}

/** ⟨a, b⟩. */
export function inner(a: Array64, b: Array64): number {
  let sum = 0;
  for (let index = 0; index < a.data.length; index++) sum += a.data[index]! * b.data[index]!;
  return sum;
}

/** The index of a flat position, for messages: 7 of [2, 5] is [1, 2]. */
export function unravel(shape: readonly number[], position: number): number[] {
  const index = shape.slice();
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    index[axis] = position % size;
    position = Math.floor(position / size);
  }
  return index;
}
