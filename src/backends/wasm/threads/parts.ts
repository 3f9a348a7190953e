/**
 * Parts of a convolution that threads compute in parallel: some images each or, with fewer images than threads, some
 * rows of one image. A part is itself a convolution with its own geometry and addresses, so kernels need not know about
 * threads.
 */
import type { WasmGeometry } from '../geometry.js';
import { ranges } from './split.js';

/** Images from `image`, and output rows from `row`. */
export interface Part {
  readonly geometry: WasmGeometry;
  readonly image: number;
  readonly row: number;
  /** First input row that remains in `geometry`. */
  readonly inRow: number;
}

/** Parts that compute some outputs each, and read the input rows that their taps reach. */
export function outputParts(g: WasmGeometry, count: number): readonly Part[] {
  return imageParts(g, count) ?? bandParts(g, count).map(cropped);
}

/** {@link outputParts} of a deformable convolution, whose taps may reach any row. */
export function sampledParts(g: WasmGeometry, count: number): readonly Part[] {
  return imageParts(g, count) ?? bandParts(g, count);
}

/**
 * Parts that compute the gradient of some input rows each, from the output rows whose taps reach them. Neighbouring
 * parts read a few output rows in common.
 */
export function inputParts(g: WasmGeometry, count: number): readonly Part[] {
  const images = imageParts(g, count);
  if (images !== undefined) return images;
  const { strideHeight, padTop, outHeight } = g;
  const reach = (g.kernelHeight - 1) * g.dilationHeight;
  const bands = ranges(g.inHeight, Math.ceil(count / g.batch));
  return ranges(g.batch, g.batch).flatMap(([image]) =>
    bands.map(([inRow, end]) => {
      const row = Math.min(Math.max(Math.ceil((inRow + padTop - reach) / strideHeight), 0), outHeight);
      const last = Math.min(Math.floor((end - 1 + padTop) / strideHeight), outHeight - 1);
      const part = { batch: 1, inHeight: end - inRow, outHeight: Math.max(last - row + 1, 0) };
      return { geometry: { ...g, ...part, padTop: padTop + inRow - row * strideHeight }, image, row, inRow };
    }),
  );
}

/** One or more whole images for each thread; undefined if there are fewer images than threads. */
export function imageParts(g: WasmGeometry, count: number): readonly Part[] | undefined {
  if (g.batch < count) return undefined;
  return ranges(g.batch, count).map(([image, end]) => ({
    geometry: { ...g, batch: end - image },
    image,
    row: 0,
    inRow: 0,
  }));
}

/** Some output rows of one image each, about `count` parts in all. */
export function bandParts(g: WasmGeometry, count: number): readonly Part[] {
  const bands = ranges(g.outHeight, Math.ceil(count / g.batch));
  return ranges(g.batch, g.batch).flatMap(([image]) =>
    bands.map(([row, end]) => {
      const geometry = { ...g, batch: 1, outHeight: end - row, padTop: g.padTop - row * g.strideHeight };
      return { geometry, image, row, inRow: 0 };
    }),
  );
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
