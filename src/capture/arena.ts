/** Places for values that live for a part of a program. */

/** A value to place. */
export interface Lifetime {
  readonly bytes: number;
  /** Index of the step that writes it. */
  readonly first: number;
  /** Index of the last step that reads it. */
  readonly last: number;
}

/** Offsets of values, in bytes. */
export interface Layout {
  readonly offsets: readonly number[];
  /** Size of the memory that holds all of them. */
  readonly bytes: number;
}

/** Alignment of every value: that of a cache line. */
const ALIGNMENT = 64;

/**
 * Lays values out so that those that live at the same time do not overlap. Large ones first, each at the lowest free offset:
 * within a few percent of the peak of live memory for training steps.
 */
export function layOut(lifetimes: readonly Lifetime[]): Layout {
  const offsets = lifetimes.map(() => 0);
  const sizes = lifetimes.map(({ bytes }) => Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT);
  const order = [...lifetimes.keys()].sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  /** Placed values in order of their offsets. */
  const placed: number[] = [];
  for (const index of order) {
    const { first, last } = lifetimes[index]!;
    let offset = 0;
    for (const other of placed) {
      const neighbour = lifetimes[other]!;
      if (neighbour.first > last || neighbour.last < first) continue;
      if (offsets[other]! >= offset + sizes[index]!) break;
      offset = Math.max(offset, offsets[other]! + sizes[other]!);
    }
    offsets[index] = offset;
    const after = placed.findIndex((other) => offsets[other]! > offset);
    placed.splice(after < 0 ? placed.length : after, 0, index);
  }
  const bytes = offsets.reduce((end, offset, index) => Math.max(end, offset + sizes[index]!), 0);
  return { offsets, bytes };
}
