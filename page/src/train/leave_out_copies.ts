/** Finds images that are there several times: a copy in the test set would be an image that training has seen. */
import type { Dataset } from 'tfjs-convolutions/training';

/** Images without copies, and the number of those. */
export interface WithoutCopies {
  readonly images: Dataset;
  /** Images that are left out: an earlier one of the same class has the same pixels. */
  readonly copies: number;
  /** Images that have the same pixels as one of another class, and are kept. */
  readonly contradictions: number;
}

export function leaveOutCopies(all: Dataset): WithoutCopies {
  const size = all.images.length / Math.max(1, all.labels.length);
  const pixelsOf = (index: number): Dataset['images'] => all.images.subarray(index * size, (index + 1) * size);
  const kept: number[] = [];
  /** Kept images by a number that the same pixels share. */
  const alike = new Map<number, number[]>();
  let contradictions = 0;
  all.labels.forEach((label, index) => {
    const pixels = pixelsOf(index);
    const key = fingerprint(pixels);
    const known = (alike.get(key) ?? []).filter((other) => areEqual(pixelsOf(other), pixels));
    if (known.some((other) => all.labels[other] === label)) return;
    if (known.length > 0) contradictions++;
    alike.set(key, [...(alike.get(key) ?? []), index]);
    kept.push(index);
  });
  const images = new Uint8Array(kept.length * size);
  kept.forEach((from, to) => {
    images.set(pixelsOf(from), to * size);
  });
  const labels = Int32Array.from(kept, (index) => all.labels[index]!);
  return { images: { ...all, images, labels }, copies: all.labels.length - kept.length, contradictions };
}

/** Hash of pixels (FNV-1a), which only narrows the search. */
function fingerprint(pixels: ArrayLike<number>): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < pixels.length; at++) hash = Math.imul(hash ^ pixels[at]!, 0x01000193);
  return hash;
}

function areEqual(a: Dataset['images'], b: Dataset['images']): boolean {
  return a.every((value: number, at: number) => value === b[at]);
}
