/**
 * Parts of a convolution that threads compute in parallel: some images each or, with fewer images than threads, some
 * output rows of one image. A part is itself a convolution with its own geometry and addresses, so kernels need not
 * know about threads.
 */
import type { WasmGeometry } from '../geometry.js';

/** Images from `image`, and output rows from `row`. */
export interface Part {
  readonly geometry: WasmGeometry;
  readonly image: number;
  readonly row: number;
  /** First input row that remains in `geometry`. */
  readonly inRow: number;
}

/** Ways in which a kernel's work may be divided. */
export interface PartsOptions {
  /** True if an image may be split into rows. */
  readonly rows: boolean;
  /** True to crop input rows that a part does not read. */
  readonly crop: boolean;
}

/** Splits a convolution into about `count` parts. */
export function partsOf(g: WasmGeometry, count: number, { rows, crop }: PartsOptions): readonly Part[] {
  const images = ranges(g.batch, count);
  if (!rows || images.length >= count) {
    return images.map(([image, end]) => ({ geometry: { ...g, batch: end - image }, image, row: 0, inRow: 0 }));
  }
  const bands = ranges(g.outHeight, Math.ceil(count / g.batch));
  return images.flatMap(([image]) =>
    bands.map(([row, end]) => {
      const geometry = { ...g, batch: 1, outHeight: end - row, padTop: g.padTop - row * g.strideHeight };
      const part = { geometry, image, row, inRow: 0 };
      return crop ? cropped(part) : part;
    }),
  );
}

/** Tests whether every output row reads exactly the input row of the same index. */
export function isCutCleanly({
  offsetGroups,
  kernelHeight,
  strideHeight,
  padTop,
  inHeight,
  outHeight,
}: WasmGeometry): boolean {
  return offsetGroups === 0 && kernelHeight === 1 && strideHeight === 1 && padTop === 0 && inHeight === outHeight;
}

/** Crops the input rows that the taps of a part, which lie on the grid, do not read. */
function cropped(part: Part): Part {
  const { geometry: g } = part;
  const top = -g.padTop;
  const bottom = top + (g.outHeight - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  const inRow = Math.min(Math.max(top, 0), g.inHeight - 1);
  const inHeight = Math.max(Math.min(bottom, g.inHeight), inRow + 1) - inRow;
  return { ...part, inRow, geometry: { ...g, inHeight, padTop: inRow - top } };
}

/** Divides [0, length) into at most `count` non-empty ranges of about equal length. */
export function ranges(length: number, count: number): readonly (readonly [start: number, end: number])[] {
  const parts = Math.min(length, count);
  return Array.from({ length: parts }, (_, index) => [
    Math.floor((index * length) / parts),
    Math.floor(((index + 1) * length) / parts),
  ]);
}
