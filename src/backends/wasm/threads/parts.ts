/**
 * Parts of a convolution that threads compute at the same time: some images each, or where there are fewer images than
 * threads, some rows of the output of one image. A part is a convolution too, with a geometry of its own and other
 * addresses, so that no kernel knows of threads.
 */
import type { WasmGeometry } from '../geometry.js';

/** Images from `image` on, and rows of output from `row` on. */
export interface Part {
  readonly geometry: WasmGeometry;
  readonly image: number;
  readonly row: number;
  /** First row of the input that `geometry` still has. */
  readonly inRow: number;
}

export interface PartsOptions {
  /** Whether an image may be cut at all. */
  readonly rows: boolean;
  /** Whether a part is rid of the rows of input that it does not reach. */
  readonly crop: boolean;
}

/** About as many parts as asked for. */
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

/** Whether every row of output reads the row of input at its place and no other. */
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

/** The part without the rows of input that its taps, which stand on the grid, do not reach. */
function cropped(part: Part): Part {
  const { geometry: g } = part;
  const top = -g.padTop;
  const bottom = top + (g.outHeight - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  const inRow = Math.min(Math.max(top, 0), g.inHeight - 1);
  const inHeight = Math.max(Math.min(bottom, g.inHeight), inRow + 1) - inRow;
  return { ...part, inRow, geometry: { ...g, inHeight, padTop: inRow - top } };
}

/** [0, length) in at most `count` ranges of about the same length, none empty. */
export function ranges(length: number, count: number): readonly (readonly [start: number, end: number])[] {
  const parts = Math.min(length, count);
  return Array.from({ length: parts }, (_, index) => [
    Math.floor((index * length) / parts),
    Math.floor(((index + 1) * length) / parts),
  ]);
}
