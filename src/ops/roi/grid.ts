/** Plans of the operators whose bins form a grid: every bin is a row of bins crossed with a column of bins. */
import type { RoiGeometry } from './geometry.js';
import { PlanBuilder, tabulate, type Regions, type RoiPlan } from './plan.js';

/** One axis of a box and of the image under it. */
export interface BoxAxis {
  /** The box from start to end, in its own units. */
  readonly start: number;
  readonly end: number;
  /** Pixels of the image. */
  readonly size: number;
  readonly bins: number;
}

/** Adds the line of one bin of an axis and returns its number. */
export type BinLine = (builder: PlanBuilder, bin: number) => number;

/**
 * A plan of which `lineOf` gives the lines. A position-sensitive bin (i, j) reads channels of its own: output channel c
 * is input channel (c · outHeight + i) · outWidth + j.
 */
export function planGrid(
  g: RoiGeometry,
  { boxes, indices }: Regions,
  positionSensitive: boolean,
  lineOf: (axis: BoxAxis) => BinLine,
): RoiPlan {
  const bins = g.outHeight * g.outWidth;
  const builder = new PlanBuilder(g, g.boxCount * bins, g.outChannels, positionSensitive ? bins : 1);
  const lines = (axis: BoxAxis): number[] => {
    const line = lineOf(axis);
    return tabulate(axis.bins, (bin) => line(builder, bin));
  };
  for (let box = 0; box < g.boxCount; box++) {
    const [y1, x1, y2, x2] = [boxes[box * 4]!, boxes[box * 4 + 1]!, boxes[box * 4 + 2]!, boxes[box * 4 + 3]!];
    const rows = lines({ start: y1, end: y2, size: g.inHeight, bins: g.outHeight });
    const columns = lines({ start: x1, end: x2, size: g.inWidth, bins: g.outWidth });
    rows.forEach((row, i) => {
      columns.forEach((column, j) => {
        builder.bin(row, column, indices[box]!, positionSensitive ? i * g.outWidth + j : 0);
      });
    });
  }
  return builder.finish();
}
