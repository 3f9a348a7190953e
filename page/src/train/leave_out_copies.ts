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

export async function leaveOutCopies(all: Dataset): Promise<WithoutCopies> {
  const size = all.images.length / Math.max(1, all.labels.length);
  const kept: number[] = [];
  const classesOf = new Map<string, Set<number>>();
  let contradictions = 0;
  for (let index = 0; index < all.labels.length; index++) {
    const pixels = all.images.slice(index * size, (index + 1) * size) as Uint8Array<ArrayBuffer>;
    const digest = new Uint32Array(await crypto.subtle.digest('SHA-256', pixels)).join();
    const label = all.labels[index]!;
    const known = classesOf.get(digest) ?? new Set<number>();
    classesOf.set(digest, known);
    if (known.has(label)) continue;
    if (known.size > 0) contradictions++;
    known.add(label);
    kept.push(index);
  }
  const images = new Uint8Array(kept.length * size);
  kept.forEach((from, to) => {
    images.set(all.images.subarray(from * size, (from + 1) * size), to * size);
  });
  const labels = Int32Array.from(kept, (index) => all.labels[index]!);
  return { images: { ...all, images, labels }, copies: all.labels.length - kept.length, contradictions };
}
