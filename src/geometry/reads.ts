/** Reads of an output cell. Positions are (y, x), from 0 at the top left cell of the image. */

/** (y, x) of a cell or, if fractional, of a point between cells. */
export type Place = readonly [number, number];

/** Read of one kernel tap. */
export interface TapRead {
  /** (row, column) in the kernel. */
  readonly tap: Place;
  /** Position that it reads; outside the image in the padding. */
  readonly place: Place;
  /** Cell whose value the padding mode puts there; `null` for a zero. */
  readonly cell: Place | null;
}

/** Sizes of a window over an image, and its reads. */
export interface WindowOfReads {
  /** [height, width] of the output. */
  readonly outputSize: Place;
  /** Padding in cells: [[top, bottom], [left, right]]. */
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  /** Reads of output cell (y, x), one per tap, row by row. */
  readonly reads: (y: number, x: number) => readonly TapRead[];
}
