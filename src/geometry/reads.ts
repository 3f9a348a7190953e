/** What an output cell reads. Places are (y, x), from 0 at the top left cell of the image. */

/** (y, x) of a cell or, where it is fractional, of a point between cells. */
export type Place = readonly [number, number];

/** What one tap of a kernel reads. */
export interface TapRead {
  /** (row, column) in the kernel. */
  readonly tap: Place;
  /** Where it reads; outside the image in its padding. */
  readonly place: Place;
  /** The cell whose value stands there, by the padding mode; `null` where a zero does. */
  readonly cell: Place | null;
}

/** Sizes of a window over an image, and its reads. */
export interface WindowOfReads {
  /** [height, width] of the output. */
  readonly outputSize: Place;
  /** [[top, bottom], [left, right]]: the padding in cells. */
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  /** What output cell (y, x) reads, tap by tap, row by row. */
  readonly reads: (y: number, x: number) => readonly TapRead[];
}
