/** Masks for segmentation: the class of every pixel, or of every position of a coarser map. */

/** Value of the positions that have no class: they count neither in the loss nor in a metric. */
export const IGNORED = 255;

/** Masks of one size. */
export interface Masks {
  /** Classes [count, height, width], indices into the names of the classes, or 255 for none. */
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Selects the masks at the given indices, in that order. */
export function selectMasks({ values, height, width }: Masks, indices: ArrayLike<number>): Masks {
  const size = height * width;
  const selected = new Uint8Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    selected.set(values.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size);
  }
  return { values: selected, height, width };
}

/** Classes as rows [count, height, width, classes] of zeros and ones; all zeros where there is none. */
export function maskTruth({ values }: Masks, classes: number): Float32Array {
  const truth = new Float32Array(values.length * classes);
  values.forEach((value, position) => {
    if (value !== IGNORED) truth[position * classes + value] = 1;
  });
  return truth;
}
