/** Classes of images that may have several, as rows of 0 and 1. */

/** Rows of the images at the given indices, in that order. */
export function selectRows(multiHot: Uint8Array, classes: number, indices: ArrayLike<number>): Uint8Array {
  const rows = new Uint8Array(indices.length * classes);
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at]!;
    rows.set(multiHot.subarray(index * classes, (index + 1) * classes), at * classes);
  }
  return rows;
}

/** First class of each row, or 0 of a row without one. */
export function firstClasses(multiHot: Uint8Array, classes: number): Int32Array {
  return Int32Array.from({ length: multiHot.length / classes }, (_, image) =>
    Math.max(0, multiHot.subarray(image * classes, (image + 1) * classes).indexOf(1)),
  );
}

/** Number of images of each class. */
export function countClasses({
  labels,
  classNames,
  multiHot,
}: {
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
  readonly multiHot?: Uint8Array;
}): number[] {
  const counts = new Array<number>(classNames.length).fill(0);
  if (multiHot) multiHot.forEach((present, at) => (counts[at % classNames.length]! += present));
  else for (const label of labels) counts[label]!++;
  return counts;
}
